// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `initialize` (optional): agrees on a version of the protocol and says who is who.
package enum Initialize: Method {
    package static let name = "initialize"
    package static let role = Role.viewer
    package static let errors: [ProtocolError.Kind] = [.unsupportedHere]

    package struct Params: Codable, Sendable, Hashable {
        /// Those that the client speaks. Without one in common the request fails with `unsupported_here`.
        package var protocolVersions: [Int]
        /// The client, for the daemon's log.
        package var client: Program

        package init(protocolVersions: [Int] = [ProtocolLimits.version], client: Program) {
            self.protocolVersions = protocolVersions
            self.client = client
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        /// The version that is spoken from here on.
        package var protocolVersion: Int
        /// The daemon.
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

    /// A program at either end, for logs and for people: at most 256 bytes each, without control characters.
    package struct Program: Codable, Sendable, Hashable {
        /// The program's name.
        package var name: String
        /// Its version, in a form of its own.
        package var version: String

        package init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// Who the kernel says the client is, and what it may therefore do.
    package struct Peer: Codable, Sendable, Hashable {
        /// The user's number.
        package var uid: UInt32
        /// The number of the user's group.
        package var gid: UInt32
        /// The user's name, or the number where there is none.
        package var user: String
        package var role: Role

        package init(uid: UInt32, gid: UInt32, user: String, role: Role) {
            self.uid = uid
            self.gid = gid
            self.user = user
            self.role = role
        }
    }

    /// What goes into logs is kept short, and on one line.
    package static func check(_ params: Params) throws(ProtocolError) {
        for (name, text) in [("name", params.client.name), ("version", params.client.version)] {
            let path = JSONPath([.member("client"), .member(name)])
            if text.utf8.count > 256 { throw .invalidParams(path: path, reason: "must have at most 256 bytes") }
            if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                throw .invalidParams(path: path, reason: "must not contain control characters")
            }
        }
    }

    /// What a daemon can do.
    package struct Capabilities: Codable, Sendable, Hashable {
        /// The names of the methods that this daemon answers.
        package var methods: [String]

        package init(methods: [String] = Methods.all.map { $0.name }) {
            self.methods = methods
        }
    }
}
