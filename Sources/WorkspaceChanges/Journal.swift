// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux

/// What an apply is about to touch, on disk before it does: so that the next one tells what that one did from what
/// somebody else did.
struct Journal: Codable {
    private struct Directory: Codable, Hashable {
        /// Base64 in the file, because a path need not be UTF-8.
        var path: Data
        var inode: UInt64
    }

    private var version = 1
    private let start: Int64
    /// How the names of temporary files begin, of this journal's applies only.
    let prefix: String
    private var isUnfinished = false
    private var directories: Set<Directory> = []

    private static let name = "journal.json"

    /// The journal of this baseline, or a new one.
    static func read(in changes: Int32, start: Int64) throws -> Journal {
        do throws(SystemError) {
            let file = try Beneath.open(FileName(name), O_RDONLY | O_NONBLOCK, at: changes)
            let bytes = try Files.readAll(file.number, limit: 1 << 30)
            // It is replaced whole, so one that cannot be read was not written by an apply.
            if let journal = try? JSONDecoder().decode(Journal.self, from: Data(bytes)), journal.start == start {
                return journal
            }
        } catch {
            guard error.errno == ENOENT else { throw error }
        }
        var random = SystemRandomNumberGenerator()
        return Journal(start: start, prefix: ".jail-changes-" + String(random.next() as UInt64, radix: 36) + "-")
    }

    private init(start: Int64, prefix: String) {
        self.start = start
        self.prefix = prefix
    }

    /// Whether an apply found this directory in order, and may have changed what is in it since.
    func covers(_ path: WorkspacePath, inode: UInt64) -> Bool {
        directories.contains(Directory(path: Data(path.bytes), inode: inode))
    }

    mutating func begin(touching touched: [(path: WorkspacePath, inode: UInt64)], in changes: Int32)
        throws(SystemError)
    {
        directories.formUnion(touched.map { Directory(path: Data($0.path.bytes), inode: $0.inode) })
        isUnfinished = true
        try write(in: changes)
    }

    mutating func finish(in changes: Int32) throws(SystemError) {
        isUnfinished = false
        try write(in: changes)
    }

    static func forget(in changes: Int32) throws(SystemError) {
        do {
            try Beneath.remove(FileName(name), isDirectory: false, in: changes)
        } catch  where error.errno == ENOENT {
        }
    }

    private func write(in changes: Int32) throws(SystemError) {
        guard let bytes = try? JSONEncoder().encode(self) else {
            // Every value in it has a form in JSON.
            fatalError("a journal that cannot be encoded")
        }
        try Files.replace(Journal.name, with: Array(bytes), at: changes)
    }

    /// Removes the temporary file that an apply which was killed may have left.
    func removeTemporaries(workspace: Int32) throws(SystemError) {
        guard isUnfinished else { return }
        let beginning = Array(prefix.utf8)
        for directory in directories {
            guard let path = WorkspacePath(Array(directory.path)) ?? (directory.path.isEmpty ? .root : nil),
                let place = try? Beneath.open(path.fileName, O_RDONLY | O_DIRECTORY, at: workspace),
                try UInt64(Files.status(place.number).st_ino) == directory.inode
            else { continue }
            for name in try Beneath.names(in: place.number) where name.bytes.starts(with: beginning) {
                try Beneath.remove(name, isDirectory: false, in: place.number)
            }
        }
    }
}
