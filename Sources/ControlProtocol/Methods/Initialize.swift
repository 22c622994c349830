// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `initialize` (optional): agrees on a version of the protocol and says who is who.
package enum Initialize: Method {
    package static let name = "initialize"
    package static let role = Role.viewer

    package struct Params: Codable, Sendable, Hashable {
        /// Those that the client speaks. Without one in common the request fails with `unsupported_here`.
        package var protocolVersions: [Int]
        package var client: Program

        package init(protocolVersions: [Int] = [ProtocolLimits.version], client: Program) {
            self.protocolVersions = protocolVersions
            self.client = client
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var protocolVersion: Int
        package var server: Program
        package var peer: Peer
        package var capabilities: Capabilities

        package init(protocolVersion: Int, server: Program, peer: Peer, capabilities: Capabilities) {
            self.protocolVersion = protocolVersion
            self.server = server
            self.peer = peer
            self.capabilities = capabilities
        }
    }

    /// A program at either end, for logs and for people.
    package struct Program: Codable, Sendable, Hashable {
        package var name: String
        package var version: String

        package init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// Who the kernel says the client is, and what it may therefore do.
    package struct Peer: Codable, Sendable, Hashable {
        package var uid: UInt32
        package var gid: UInt32
        package var user: String
        package var role: Role

        package init(uid: UInt32, gid: UInt32, user: String, role: Role) {
            self.uid = uid
            self.gid = gid
            self.user = user
            self.role = role
        }
    }

    package struct Capabilities: Codable, Sendable, Hashable {
        /// The names of the methods that this daemon answers.
        package var methods: [String]

        package init(methods: [String] = Methods.all.map { $0.name }) {
            self.methods = methods
        }
    }
}
