// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// One thing that an agent's view of its workspace has otherwise than the workspace. Paths are relative to the
/// workspace; one that is not UTF-8 stands in `…Base64` as it is, and repaired beside it.
package struct WorkspaceChange: Codable, Sendable, Hashable {
    /// Relative to the workspace.
    package var path: String
    /// The path's bytes, where they are no UTF-8.
    package var pathBase64: String?
    /// What became of it.
    package var change: Kind
    /// What the workspace has.
    package var old: Side?
    /// What the agent has instead.
    package var new: Side?
    /// What it was called before.
    package var renamedFrom: String?
    /// The bytes of that, where they are no UTF-8.
    package var renamedFromBase64: String?
    /// What it is called now.
    package var renamedTo: String?
    /// The bytes of that, where they are no UTF-8.
    package var renamedToBase64: String?

    /// How something differs from what the workspace has.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case added, modified, deleted
        /// Only the mode is another.
        case mode
        /// A file became a directory, a directory a link, and so on.
        case type
    }

    /// What is at a path.
    package struct Side: Codable, Sendable, Hashable {
        /// `file`, `directory`, `symlink`, or what is never applied: `fifo`, `socket`, `device`.
        package var kind: String
        /// In octal, such as `0644`.
        package var mode: String
        /// Bytes of a file.
        package var size: Int64?
        /// Where a link leads.
        package var target: String?
        /// The bytes of that, where they are no UTF-8.
        package var targetBase64: String?
    }
}

/// What is to be said of one path of a workspace.
package struct WorkspaceNote: Codable, Sendable, Hashable {
    /// Relative to the workspace.
    package var path: String
    /// The path's bytes, where they are no UTF-8.
    package var pathBase64: String?
    /// A word for programs: `conflict`, `protected`, `never-applied` … (docs/workspaces.md).
    package var code: String
    /// A sentence for people.
    package var message: String
}

/// A path of a workspace, by itself.
package struct WorkspacePathName: Codable, Sendable, Hashable {
    /// Relative to the workspace.
    package var path: String
    /// The path's bytes, where they are no UTF-8.
    package var pathBase64: String?
}
