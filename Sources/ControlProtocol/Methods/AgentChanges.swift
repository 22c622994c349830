// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/changes`: what an agent changed in the overlay over its workspace.
public enum AgentChanges: Method {
    public static let name = "agent/changes"
    public static let role = Role.viewer
    public static let errors: [ProtocolError.Kind] = [.invalidState]

    public struct Params: Codable, Sendable, Hashable, BoundedMembers {
        public static let bounds = ["offset": Bounds(0), "diffOffset": Bounds(0)]

        public var agent: AgentReference
        /// Relative to the workspace, each standing for all that is below it; without any, everything.
        public var paths: [String]?
        /// Unified diffs as well.
        public var diff: Bool?
        /// How many changes to leave out at the beginning: an answer's `next`. 0 if not given.
        public var offset: Int?
        /// How many bytes to leave out at the beginning of each diff: of one that was cut, where it goes on.
        public var diffOffset: Int?

        public init(
            agent: AgentReference, paths: [String]? = nil, diff: Bool? = nil, offset: Int? = nil, diffOffset: Int? = nil
        ) {
            self.agent = agent
            self.paths = paths
            self.diff = diff
            self.offset = offset
            self.diffOffset = diffOffset
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// The agent still runs, so this changes while it is read, and can be neither applied nor discarded.
        public var inUse: Bool
        /// In the order of their paths' bytes, from `offset` on, as many as an answer has room for.
        public var changes: [WorkspaceChange]
        /// How many there are in all.
        public var total: Int
        /// The `offset` with which to ask for the rest; absent when there is none.
        public var next: Int?
        /// What could not be looked at. Only with the first changes.
        public var obstacles: [WorkspaceNote]
        /// Of these changes.
        public var diffs: [Diff]?

        public init(
            inUse: Bool, changes: [WorkspaceChange], total: Int, next: Int? = nil, obstacles: [WorkspaceNote],
            diffs: [Diff]? = nil
        ) {
            self.inUse = inUse
            self.changes = changes
            self.total = total
            self.next = next
            self.obstacles = obstacles
            self.diffs = diffs
        }
    }

    /// What one file has otherwise than the workspace's.
    public struct Diff: Codable, Sendable, Hashable {
        /// Relative to the workspace.
        public var path: String
        /// The path's bytes, where they are no UTF-8.
        public var pathBase64: String?
        /// Untrusted: what the agent wrote, escape sequences and all.
        public var text: String
        /// The text's bytes, where they are no UTF-8.
        public var textBase64: Base64Bytes?
        /// There is more of it: from as many bytes on as this text has, more than the request's `diffOffset`.
        public var isCut: Bool
    }

    public static func check(_ params: Params) throws(ProtocolError) {
        try checkPaths(params.paths)
        try Params.check([
            ("offset", params.offset.map(Double.init)), ("diffOffset", params.diffOffset.map(Double.init)),
        ])
    }
}

/// `agent/apply`: makes changes of an agent's overlay the workspace's. Each path as a whole or not
/// at all; without paths, everything or nothing.
public enum AgentApply: Method {
    public static let name = "agent/apply"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [.invalidState]

    public struct Params: Codable, Sendable, Hashable {
        public var agent: AgentReference
        /// Relative to the workspace, each standing for all that is below it; without any, everything.
        public var paths: [String]?
        /// Also what the host executes or obeys by itself (the profile's `protect`, repositories within the workspace).
        public var includeProtected: Bool?

        public init(agent: AgentReference, paths: [String]? = nil, includeProtected: Bool? = nil) {
            self.agent = agent
            self.paths = paths
            self.includeProtected = includeProtected
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// What the workspace has now.
        public var applied: [WorkspacePathName]
        /// How many were applied, where that is more than an answer has room for.
        public var total: Int?
        /// Why nothing was applied.
        public var refused: [WorkspaceNote]
        /// What cannot be applied, and stays until it is discarded.
        public var skipped: [WorkspaceNote]
        /// What is to be known of what was done.
        public var warnings: [WorkspaceNote]
        /// Why it stopped before everything was done; to apply again goes on.
        public var failure: String?
    }

    public static func check(_ params: Params) throws(ProtocolError) {
        try checkPaths(params.paths)
    }
}

/// `agent/discard`: drops changes of an agent's overlay.
public enum AgentDiscard: Method {
    public static let name = "agent/discard"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [.invalidState]

    public struct Params: Codable, Sendable, Hashable {
        public var agent: AgentReference
        /// Relative to the workspace, each standing for all that is below it; without any, everything.
        public var paths: [String]?

        public init(agent: AgentReference, paths: [String]? = nil) {
            self.agent = agent
            self.paths = paths
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// What is dropped.
        public var discarded: [WorkspacePathName]
        /// How many were discarded, where that is more than an answer has room for.
        public var total: Int?
        /// Why nothing was discarded.
        public var refused: [WorkspaceNote]
        /// What could not be discarded.
        public var skipped: [WorkspaceNote]
        /// What is to be known of what was done.
        public var warnings: [WorkspaceNote]
        /// Why it stopped before everything was done; to discard again goes on.
        public var failure: String?
    }

    public static func check(_ params: Params) throws(ProtocolError) {
        try checkPaths(params.paths)
    }
}

private func checkPaths(_ paths: [String]?) throws(ProtocolError) {
    guard let paths else { return }
    if paths.isEmpty { throw .invalidParams(path: "paths", reason: "is empty: leave it out for everything") }
    for path in paths {
        let isRelative = !path.isEmpty && !path.hasPrefix("/") && !path.utf8.contains(0)
        guard isRelative, !path.split(separator: "/").contains("..") else {
            throw .invalidParams(path: "paths", reason: "has one that is not below the workspace: \(path)")
        }
    }
}
