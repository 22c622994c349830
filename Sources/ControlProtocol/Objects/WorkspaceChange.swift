// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// One thing that an agent's view of its workspace has otherwise than the workspace. Paths are relative to the
/// workspace; one that is not UTF-8 stands in `…Base64` as it is, and repaired beside it.
public struct WorkspaceChange: Codable, Sendable, Hashable {
    /// Relative to the workspace.
    public var path: String
    /// The path's bytes, where they are no UTF-8.
    public var pathBase64: String?
    /// What became of it.
    public var change: Kind
    /// What the workspace has.
    public var old: Side?
    /// What the agent has instead.
    public var new: Side?
    /// What it was called before.
    public var renamedFrom: String?
    /// The bytes of that, where they are no UTF-8.
    public var renamedFromBase64: String?
    /// What it is called now.
    public var renamedTo: String?
    /// The bytes of that, where they are no UTF-8.
    public var renamedToBase64: String?

    /// How something differs from what the workspace has.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case added, modified, deleted
        /// Only the mode is another.
        case mode
        /// A file became a directory, a directory a link, and so on.
        case type
    }

    /// What is at a path.
    public struct Side: Codable, Sendable, Hashable {
        /// `file`, `directory`, `symlink`, or what is never applied: `fifo`, `socket`, `device`.
        public var kind: String
        /// In octal, such as `0644`.
        public var mode: String
        /// Bytes of a file.
        public var size: Int64?
        /// Where a link leads.
        public var target: String?
        /// The bytes of that, where they are no UTF-8.
        public var targetBase64: String?
    }
}

/// What is to be said of one path of a workspace.
public struct WorkspaceNote: Codable, Sendable, Hashable {
    /// Relative to the workspace.
    public var path: String
    /// The path's bytes, where they are no UTF-8.
    public var pathBase64: String?
    /// A word for programs: `conflict`, `protected`, `never-applied` … (docs/workspaces.md).
    public var code: String
    /// A sentence for people.
    public var message: String
}

/// A path of a workspace, by itself.
public struct WorkspacePathName: Codable, Sendable, Hashable {
    /// Relative to the workspace.
    public var path: String
    /// The path's bytes, where they are no UTF-8.
    public var pathBase64: String?
}
