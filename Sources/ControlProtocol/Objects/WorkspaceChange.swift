// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// One thing that an agent's view of its workspace has otherwise than the workspace. Paths are relative to the
/// workspace; one that is not UTF-8 stands in `…Base64` as it is, and repaired beside it.
package struct WorkspaceChange: Codable, Sendable, Hashable {
    package var path: String
    package var pathBase64: String?
    package var change: Kind
    /// What the workspace has.
    package var old: Side?
    /// What the agent has instead.
    package var new: Side?
    package var renamedFrom: String?
    package var renamedFromBase64: String?
    package var renamedTo: String?
    package var renamedToBase64: String?

    package enum Kind: String, Codable, Sendable {
        case added, modified, deleted
        /// Only the mode is another.
        case mode
        /// A file became a directory, a directory a link, and so on.
        case type
    }

    package struct Side: Codable, Sendable, Hashable {
        /// `file`, `directory`, `symlink`, or what is never applied: `fifo`, `socket`, `device`.
        package var kind: String
        /// In octal, such as `0644`.
        package var mode: String
        /// Bytes of a file.
        package var size: Int64?
        /// Where a link leads.
        package var target: String?
        package var targetBase64: String?
    }
}

/// What is to be said of one path of a workspace.
package struct WorkspaceNote: Codable, Sendable, Hashable {
    package var path: String
    package var pathBase64: String?
    /// A word for programs: `conflict`, `protected`, `never-applied` … (docs/workspaces.md).
    package var code: String
    /// A sentence for people.
    package var message: String
}

/// A path of a workspace, by itself.
package struct WorkspacePathName: Codable, Sendable, Hashable {
    package var path: String
    package var pathBase64: String?
}
