// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// The segment files of one log: each is named after the offset of its first byte, so a listing of the directory is the
/// index.
enum OutputSegments {
    /// Twenty digits hold every UInt64, and sort by name as by number.
    static func name(startingAt offset: UInt64) -> String {
        let digits = String(offset)
        return String(repeating: "0", count: 20 - digits.count) + digits + ".log"
    }

    static func start(ofName name: String) -> UInt64? {
        guard name.utf8.count == 24, name.hasSuffix(".log") else { return nil }
        return UInt64(name.dropLast(4))
    }

    /// The start offsets of the segments in a directory, ascending.
    static func list(_ directory: String) throws(SystemError) -> [UInt64] {
        guard let stream = opendir(directory) else {
            throw SystemError("list", directory, errno: errno)
        }
        defer { closedir(stream) }
        var starts: [UInt64] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let start = start(ofName: name) { starts.append(start) }
        }
        return starts.sorted()
    }
}
