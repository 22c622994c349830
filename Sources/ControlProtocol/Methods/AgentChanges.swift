// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/changes`: what an agent changed in the overlay over its workspace.
package enum AgentChanges: Method {
    package static let name = "agent/changes"

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        /// Relative to the workspace, each standing for all that is below it; without any, everything.
        package var paths: [String]?
        /// Unified diffs as well.
        package var diff: Bool?

        package init(agent: AgentReference, paths: [String]? = nil, diff: Bool? = nil) {
            self.agent = agent
            self.paths = paths
            self.diff = diff
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        /// The agent still runs, so this changes while it is read, and can be neither applied nor discarded.
        package var inUse: Bool
        package var changes: [WorkspaceChange]
        /// What could not be looked at.
        package var obstacles: [WorkspaceNote]
        package var diffs: [Diff]?
        /// False when there is more than fits: ask for less by `paths`.
        package var isComplete: Bool?

        package init(
            inUse: Bool, changes: [WorkspaceChange], obstacles: [WorkspaceNote], diffs: [Diff]? = nil,
            isComplete: Bool? = nil
        ) {
            self.inUse = inUse
            self.changes = changes
            self.obstacles = obstacles
            self.diffs = diffs
            self.isComplete = isComplete
        }
    }

    package struct Diff: Codable, Sendable, Hashable {
        package var path: String
        package var pathBase64: String?
        /// Untrusted: what the agent wrote, escape sequences and all.
        package var text: String
        package var textBase64: Base64Bytes?
        package var isCut: Bool
    }

    package static func check(_ params: Params) throws(ProtocolError) {
        try checkPaths(params.paths)
    }
}

/// `agent/apply`: makes changes of an agent's overlay the workspace's. All that is asked for, or nothing.
package enum AgentApply: Method {
    package static let name = "agent/apply"

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
