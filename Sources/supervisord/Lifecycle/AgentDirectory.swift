// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import ShimProtocol

/// One agent's place below the state directory: its output, its shim's socket and lock, its exit record, and what the
/// agent itself may keep.
///
/// Every call blocks on the file system.
struct AgentDirectory: Sendable {
    let path: String

    /// Where the output log is.
    var output: String { "\(path)/\(ShimLayout.output)" }

    /// Makes it, with the directories that are to be the agent's own, given relative to it. Fails when it is there.
    func create(own directories: [String], owner: (uid: UInt32, gid: UInt32)) throws(SystemError) {
        try check("create the directory", path) { mkdir(path, 0o700) }
        let directory = try open()
        try check("create the directory", output) { mkdirat(directory.number, ShimLayout.output, 0o700) }
        for name in directories {
            var parent = ""
            for part in name.split(separator: "/") {
                parent += parent.isEmpty ? String(part) : "/\(part)"
                if mkdirat(directory.number, parent, 0o700) != 0, errno != EEXIST {
                    throw SystemError("create the directory", "\(path)/\(parent)", errno: errno)
                }
            }
            guard owner.uid != geteuid() else { continue }
            try check("give away the directory", "\(path)/\(name)") {
                fchownat(directory.number, name, owner.uid, owner.gid, Int32(AT_SYMLINK_NOFOLLOW))
            }
        }
    }

    func open() throws(SystemError) -> OwnedDescriptor {
        try Files.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }

    /// The lock file. Whoever has its lock knows that no shim lives here.
    func lockFile() throws(SystemError) -> OwnedDescriptor {
        let directory = try open()
        return try Files.open(ShimLayout.lock, O_RDWR | O_CREAT | O_NOFOLLOW, at: directory.number)
    }

    func hasShim() throws(SystemError) -> Bool {
        let lock = try lockFile()
        return try !Files.tryLock(lock.number)
    }

    /// How the agent ended, or nil when its shim left no record.
    func exitRecord() throws -> ExitRecord? {
        let bytes: [UInt8]
        do {
            let directory = try open()
            let file = try Files.open(ShimLayout.exitRecord, O_RDONLY | O_NOFOLLOW, at: directory.number)
            bytes = try Files.readAll(file.number, limit: 1 << 20)
        } catch where error.errno == ENOENT {
            return nil
        }
        return try JSONDecoder().decode(ExitRecord.self, from: Data(bytes))
    }

    /// The last of what the shim wrote to its standard error, for when it left nothing else. At most 1 KiB.
    func shimComplaint() -> String? {
        guard let directory = try? open(),
            let file = try? Files.open(ShimLayout.log, O_RDONLY | O_NOFOLLOW, at: directory.number),
            let bytes = try? Files.readAll(file.number)
        else { return nil }
        let text = String(decoding: bytes.suffix(1024), as: UTF8.self).split(separator: "\n").suffix(4)
        return text.isEmpty ? nil : text.joined(separator: " / ")
    }

    /// Removes it with all it holds. It may be gone already, or partly.
    func remove() throws(SystemError) {
        try DirectoryTree.remove(path)
    }
}
