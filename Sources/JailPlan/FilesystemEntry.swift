// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// One step in building the jail's root.
package struct FilesystemEntry: Codable, Sendable, Equatable {
    /// Where it appears, an absolute path inside the jail without `.`, `..` or doubled slashes.
    package var target: String
    package var kind: Kind
    /// What asked for it, for error messages: `codex.yaml:14`.
    package var origin: String?

    package enum Kind: Codable, Sendable, Equatable {
        /// A file or directory of the host, with everything mounted below it; nosuid and nodev always.
        /// A source that is a symbolic link stands for what it leads to.
        case bind(source: Source, writable: Bool, optional: Bool)
        /// An empty directory in memory of at most `size` bytes; nosuid and nodev.
        case tmpfs(size: UInt64, mode: UInt32)
        /// A read-only file that exists only in the jail.
        case file(content: String, mode: UInt32)
        case symlink(destination: String)
        /// Covered with an empty directory or the null device, if it is there once all else is.
        case hidden
    }

    package enum Source: Codable, Sendable, Equatable {
        /// Opened with the owner's rights.
        case path(String)
        /// Below the agent's state directory, of which the shim was given a descriptor: it has to be that very
        /// directory that the owner finds by its path.
        case agentDirectory(String)
    }

    package init(target: String, kind: Kind, origin: String? = nil) {
        self.target = target
        self.kind = kind
        self.origin = origin
    }
}
