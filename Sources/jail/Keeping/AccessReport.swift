// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import FoundationEssentials
import Linux

/// The files and addresses that were asked for in a jail, for `jail run --report`.
struct AccessReport {
    private var records: [AccessRecord.Key: AccessRecord] = [:]

    /// An agent can make up names; past this what is new is only counted.
    private static let room = 20_000

    mutating func add(_ more: [AccessRecord]) {
        for var record in more {
            if records[record.key] == nil, records.count >= Self.room {
                record = AccessRecord(use: .unseen, process: "", count: record.count)
            }
            if let before = records[record.key] { record.count &+= before.count }
            records[record.key] = record
        }
    }

    /// One JSON object a line, by path or address. To be called once nothing of the jail is left: whether the host has
    /// a path may take its time to find out.
    func write(to file: Int32) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines: [UInt8] = []
        for var record in records.values.sorted(by: { Self.order($0) < Self.order($1) }) {
            if let path = record.path { record.host = access(path, F_OK) == 0 }
            lines += try encoder.encode(record) + [UInt8(ascii: "\n")]
        }
        try Files.write(lines, to: file)
    }

    private static func order(_ record: AccessRecord) -> (Int, String, String, String) {
        (record.path == nil ? 1 : 0, record.path ?? record.address ?? "", record.use.rawValue, record.process)
    }
}
