// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import FoundationEssentials
import Linux

/// The files and addresses that were asked for in a jail, for `jail run --report`.
struct AccessReport {
    private var records: [AccessRecord.Key: AccessRecord] = [:]
    private var size = 0

    /// An agent can make up names; past so many bytes of them, what is new is only counted.
    private static let room = 8 << 20

    mutating func add(_ more: [AccessRecord]) {
        for var record in more {
            if records[record.key] == nil {
                let more = 100 + record.name.size + record.process.size
                if size + more > Self.room {
                    record = AccessRecord(use: .unseen, count: record.count)
                } else {
                    size += more
                }
            }
            if let before = records[record.key] { record.count &+= before.count }
            records[record.key] = record
        }
    }

    /// Where it goes: a regular file, made if it is missing, and of that name itself. An agent could have left a link
    /// there, or something that waits for a reader.
    static func open(_ path: String) throws(SystemError) -> OwnedDescriptor {
        let file = try Files.open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        let status = try Files.status(file.number)
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            throw SystemError("write to what is no file, or has more names,", path, errno: EINVAL)
        }
        return file
    }

    private struct Line: Encodable {
        var use: AccessRecord.Use
        var path, address: String?
        var process: String
        var count: UInt64
        /// Whether the path was there in the jail, and is on the host.
        var jail, host: Bool?
    }

    /// One JSON object a line, instead of what is in the file. To be called once nothing of the jail is left: whether
    /// the host has a path may take its time to find out.
    func write(to file: Int32) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try check("empty the report") { ftruncate(file, 0) }
        for record in records.values.sorted(by: { ($0.name, $0.use.rawValue) < ($1.name, $1.use.rawValue) }) {
            let name = record.name.bytes
            let text = String(decoding: name, as: UTF8.self)
            var line = Line(
                use: record.use, process: String(decoding: record.process.bytes, as: UTF8.self), count: record.count)
            if let isThere = record.isThere {
                line.path = text
                line.jail = isThere
                line.host = access((name + [0]).map(CChar.init(bitPattern:)), F_OK) == 0
            } else if record.use != .unseen {
                line.address = text
            }
            try Files.write(encoder.encode(line) + [UInt8(ascii: "\n")], to: file)
        }
    }
}
