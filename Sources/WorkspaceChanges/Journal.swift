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
    /// Directories that were about to be made: of what number was not to be known.
    private var made: Set<Data> = []

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
        directories.contains(Directory(path: Data(path.bytes), inode: inode)) || made.contains(Data(path.bytes))
    }

    mutating func begin(
        touching touched: [(path: WorkspacePath, inode: UInt64)], making: [WorkspacePath], in changes: Int32
    ) throws(SystemError) {
        directories.formUnion(touched.map { Directory(path: Data($0.path.bytes), inode: $0.inode) })
        made.formUnion(making.map { Data($0.bytes) })
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

    /// Removes the temporary files that an apply which was killed may have left.
    func removeTemporaries(workspace: Int32) throws(SystemError) {
        guard isUnfinished else { return }
        let beginning = Array(prefix.utf8)
        let places = directories.map { (path: $0.path, inode: UInt64?.some($0.inode)) } + made.map { ($0, nil) }
        for (bytes, inode) in places {
            guard let path = WorkspacePath(Array(bytes)) ?? (bytes.isEmpty ? .root : nil),
                let place = try? Beneath.open(path.fileName, O_RDONLY | O_DIRECTORY, at: workspace)
            else { continue }
            if let inode, try UInt64(Files.status(place.number).st_ino) != inode { continue }
            // What cannot be listed any more, by a mode that was applied, has none of them: they went before.
            for name in (try? Beneath.names(in: place.number)) ?? [] where name.bytes.starts(with: beginning) {
                try Beneath.remove(name, isDirectory: false, in: place.number)
            }
        }
    }
}
