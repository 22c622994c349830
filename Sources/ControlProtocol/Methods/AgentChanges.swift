// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/changes`: what an agent changed in the overlay over its workspace.
package enum AgentChanges: Method {
    package static let name = "agent/changes"
    package static let role = Role.viewer

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        /// Relative to the workspace, each standing for all that is below it; without any, everything.
        package var paths: [String]?
        /// Unified diffs as well.
        package var diff: Bool?
        /// How many changes to leave out at the beginning: an answer's `next`. 0 if not given.
        package var offset: Int?
        /// How many bytes to leave out at the beginning of each diff: of one that was cut, where it goes on.
        package var diffOffset: Int?

        package init(
            agent: AgentReference, paths: [String]? = nil, diff: Bool? = nil, offset: Int? = nil, diffOffset: Int? = nil
        ) {
            self.agent = agent
            self.paths = paths
            self.diff = diff
            self.offset = offset
            self.diffOffset = diffOffset
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        /// The agent still runs, so this changes while it is read, and can be neither applied nor discarded.
        package var inUse: Bool
        /// In the order of their paths' bytes, from `offset` on, as many as an answer has room for.
        package var changes: [WorkspaceChange]
        /// How many there are in all.
        package var total: Int
        /// The `offset` with which to ask for the rest; absent when there is none.
        package var next: Int?
        /// What could not be looked at. Only with the first changes.
        package var obstacles: [WorkspaceNote]
        /// Of these changes.
        package var diffs: [Diff]?

        package init(
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

    package struct Diff: Codable, Sendable, Hashable {
        package var path: String
        package var pathBase64: String?
        /// Untrusted: what the agent wrote, escape sequences and all.
        package var text: String
        package var textBase64: Base64Bytes?
        /// There is more of it: from as many bytes on as this text has, more than the request's `diffOffset`.
        package var isCut: Bool
    }

    package static func check(_ params: Params) throws(ProtocolError) {
        try checkPaths(params.paths)
        for (name, offset) in [("offset", params.offset), ("diffOffset", params.diffOffset)] {
            guard offset ?? 0 >= 0 else { throw .invalidParams(path: name, reason: "cannot be negative") }
        }
    }
}

/// `agent/apply`: makes changes of an agent's overlay the workspace's. Each path as a whole or not
/// at all; without paths, everything or nothing.
package enum AgentApply: Method {
    package static let name = "agent/apply"
    package static let role = Role.operator

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        package var paths: [String]?
        /// Also what the host executes or obeys by itself (the profile's `protect`, repositories within the workspace).
        package var includeProtected: Bool?

        package init(agent: AgentReference, paths: [String]? = nil, includeProtected: Bool? = nil) {
            self.agent = agent
            self.paths = paths
            self.includeProtected = includeProtected
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var applied: [WorkspacePathName]
        /// How many were applied, where that is more than an answer has room for.
        package var total: Int?
        /// Why nothing was applied.
        package var refused: [WorkspaceNote]
        /// What cannot be applied, and stays until it is discarded.
        package var skipped: [WorkspaceNote]
        package var warnings: [WorkspaceNote]
        /// Why it stopped before everything was done; to apply again goes on.
        package var failure: String?
    }

    package static func check(_ params: Params) throws(ProtocolError) {
        try checkPaths(params.paths)
    }
}

/// `agent/discard`: drops changes of an agent's overlay.
package enum AgentDiscard: Method {
    package static let name = "agent/discard"
    package static let role = Role.operator

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        package var paths: [String]?

        package init(agent: AgentReference, paths: [String]? = nil) {
            self.agent = agent
            self.paths = paths
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var discarded: [WorkspacePathName]
        /// How many were discarded, where that is more than an answer has room for.
        package var total: Int?
        package var refused: [WorkspaceNote]
        package var skipped: [WorkspaceNote]
        package var warnings: [WorkspaceNote]
        package var failure: String?
    }

    package static func check(_ params: Params) throws(ProtocolError) {
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
