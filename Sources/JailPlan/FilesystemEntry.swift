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
        case bind(Bind)
        /// An empty directory in memory of at most `size` bytes; nosuid and nodev, and noexec unless `executable`.
        case tmpfs(size: UInt64, mode: UInt32, executable: Bool)
        /// A read-only file that exists only in the jail.
        case file(content: String, mode: UInt32)
        /// A read-only file of the jail's with `content` before whatever a root of the plan's own has there, such as its
        /// users: of several lines for one name or number the first holds (passwd(5)).
        case prefixed(content: String, mode: UInt32)
        /// A read-only file in memory with what the host's file `source` holds when the jail is built.
        case copy(source: String, mode: UInt32)
        case symlink(destination: String)
        /// The kernel's /sys for the jail's network namespace, read-only.
        case sysfs
        /// The host's directory `lower` with all changes kept in `changes` (an overlay): the host's stays as it is.
        /// `protect` is for whoever applies them: paths below it that are not applied in passing.
        case overlay(lower: String, changes: Source, protect: [String])
        /// The host's directory `source`, with all changes in memory, at most `size` bytes of them, until the jail ends;
        /// nosuid and nodev. With the target `/` it is the jail's root.
        case copyOnWrite(source: String, size: UInt64, executable: Bool, optional: Bool)
        /// A path that can be read and neither be written, replaced nor made, whether the host has it or not. Lies in
        /// something writable of the host's: what is in the jail's own memory ends with it and is left alone. Comes
        /// once all of that is there.
        case protected
        /// Covered with an empty directory or the null device, if it is there once all else is.
        case hidden
    }

    /// A file or directory of the host, with everything mounted below it; nosuid and nodev always.
    /// A source that is a symbolic link stands for what it leads to.
    package struct Bind: Codable, Sendable, Equatable {
        package var source: Source
        package var writable: Bool
        /// Left out where the host does not have it, or its owner may not reach it.
        package var optional: Bool
        /// Whether programs in it can be executed.
        package var executable: Bool
        /// A missing source is made, by the owner: a directory, mode 0700, in one that exists.
        package var create: Bool

        package init(
            source: Source, writable: Bool = false, optional: Bool = false, executable: Bool = true,
            create: Bool = false
        ) {
            self.source = source
            self.writable = writable
            self.optional = optional
            self.executable = executable
            self.create = create
        }
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
