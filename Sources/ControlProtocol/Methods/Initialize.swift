// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `initialize` (optional): agrees on a version of the protocol and says who is who.
public enum Initialize: Method {
    public static let name = "initialize"
    public static let role = Role.viewer
    public static let errors: [ProtocolError.Kind] = [.unsupportedHere]

    public struct Params: Codable, Sendable, Hashable {
        /// Those that the client speaks. Without one in common the request fails with `unsupported_here`.
        public var protocolVersions: [Int]
        /// The client, for the daemon's log.
        public var client: Program

        public init(protocolVersions: [Int] = [ProtocolLimits.version], client: Program) {
            self.protocolVersions = protocolVersions
            self.client = client
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// The version that is spoken from here on.
        public var protocolVersion: Int
        /// The daemon.
        public var server: Program
        public var peer: Peer
        public var capabilities: Capabilities

        public init(protocolVersion: Int, server: Program, peer: Peer, capabilities: Capabilities) {
            self.protocolVersion = protocolVersion
            self.server = server
            self.peer = peer
            self.capabilities = capabilities
        }
    }

    /// A program at either end, for logs and for people: at most 256 bytes each, without control characters.
    public struct Program: Codable, Sendable, Hashable {
        /// The program's name.
        public var name: String
        /// Its version, in a form of its own.
        public var version: String

        public init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// Who the kernel says the client is, and what it may therefore do.
    public struct Peer: Codable, Sendable, Hashable {
        /// The user's number.
        public var uid: UInt32
        /// The number of the user's group.
        public var gid: UInt32
        /// The user's name, or the number where there is none.
        public var user: String
        public var role: Role

        public init(uid: UInt32, gid: UInt32, user: String, role: Role) {
            self.uid = uid
            self.gid = gid
            self.user = user
            self.role = role
        }
    }

    /// What goes into logs is kept short, and on one line.
    public static func check(_ params: Params) throws(ProtocolError) {
        for (name, text) in [("name", params.client.name), ("version", params.client.version)] {
            let path = JSONPath([.member("client"), .member(name)])
            if text.utf8.count > 256 { throw .invalidParams(path: path, reason: "must have at most 256 bytes") }
            if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                throw .invalidParams(path: path, reason: "must not contain control characters")
            }
        }
    }

    /// What a daemon can do.
    public struct Capabilities: Codable, Sendable, Hashable {
        /// The names of the methods that this daemon answers.
        public var methods: [String]

        public init(methods: [String] = Methods.all.map { $0.name }) {
            self.methods = methods
        }
    }
}
