// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// What one side, the workspace or the agent's copy, has at a path.
package struct FileNode: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case file, directory, symlink, fifo, socket, device
    }

    package let kind: Kind
    /// Permission, set-user-ID, set-group-ID and sticky bits.
    package let mode: UInt32
    /// In bytes; of a link, the length of its target.
    package let size: Int64
    package let inode: UInt64
    package let links: UInt64
    package let owner: UInt32
    package let group: UInt32
    package let changed: FileTime
    package let modified: FileTime

    package init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .symlink
        case S_IFIFO: kind = .fifo
        case S_IFSOCK: kind = .socket
        default: kind = .device
        }
        mode = status.st_mode & 0o7777
        size = Int64(status.st_size)
        inode = UInt64(status.st_ino)
        links = UInt64(status.st_nlink)
        owner = status.st_uid
        group = status.st_gid
        changed = FileTime(status.st_ctim)
        modified = FileTime(status.st_mtim)
    }

    /// What apply gives it: a file never gets set-user-ID and set-group-ID from an agent, and a directory's
    /// set-group-ID bit, which only hands on the group, is the host's matter.
    package var safeMode: UInt32 { mode & 0o1777 }

    /// A link's mode means nothing.
    func hasSameMode(as other: FileNode) -> Bool {
        kind == .symlink || (kind == .directory ? safeMode == other.safeMode : mode == other.mode)
    }

    /// Whether apply can make one.
    package var isOrdinary: Bool { kind == .file || kind == .directory || kind == .symlink }

    /// As git writes modes: type and permissions.
    package var gitMode: String {
        let type: UInt32 =
            switch kind {
            case .file: 0o100000
            case .directory: 0o040000
            case .symlink: 0o120000
            case .fifo: 0o010000
            case .socket: 0o140000
            case .device: 0o020000
            }
        return octal(type | (kind == .symlink ? 0 : mode), digits: 6)
    }

    package var modeText: String { octal(mode, digits: 4) }
}

private func octal(_ number: UInt32, digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
