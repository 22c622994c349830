// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Reads an agent's stored output, while it is being written or after.
package struct OutputLogReader: Sendable {
    private let directory: String

    /// - Parameter directory: the log's directory. It need not hold anything yet.
    package init(directory: String) {
        self.directory = directory
    }

    /// A cursor whose next byte is the one at `offset`. When that is no longer stored, it begins with a gap.
    package func cursor(at offset: UInt64) -> OutputLogCursor {
        OutputLogCursor(directory: directory, offset: offset)
    }

    /// What is stored: `start` is the oldest byte, `end` the offset after the newest; equal when there is nothing.
    package func range() throws(SystemError) -> (start: UInt64, end: UInt64) {
        let starts = try OutputSegments.list(directory)
        guard let newest = starts.last else { return (0, 0) }
        var oldest = cursor(at: 0)
        var start = starts[0]
        if case .gap(_, let to)? = try oldest.next() { start = to }
        var cursor = cursor(at: newest)
        var end = newest
        while try cursor.timeOfNext() != nil {
            try cursor.skipRecord()
            end = cursor.offset
        }
        return (min(start, end), end)
    }

    /// The offset of the first byte that was written at or after `time` (nanoseconds since the epoch), or the end.
    package func offset(at time: Int64) throws(SystemError) -> UInt64 {
        // The newest segment that began before then, and from there record by record.
        var begin: UInt64 = 0
        for start in try OutputSegments.list(directory).reversed() {
            var first = cursor(at: start)
            begin = start
            if let written = try first.timeOfNext(), written < time { break }
        }
        var cursor = cursor(at: begin)
        while let written = try cursor.timeOfNext(), written < time { try cursor.skipRecord() }
        return cursor.offset
    }

    /// The offset from which on at most `tailBytes` bytes are stored.
    package func offset(tailBytes: UInt64) throws(SystemError) -> UInt64 {
        let (start, end) = try range()
        return max(start, end - min(end, tailBytes))
    }

    /// The offset at which the last `tailLines` lines begin. A last line without its newline counts as one.
    package func offset(tailLines: Int) throws(SystemError) -> UInt64 {
        let (start, end) = try range()
        guard tailLines > 0, end > start else { return end }
        // Backwards in growing strides, so that a short tail of a long log reads little of it.
        var stride: UInt64 = 64 * 1024
        while true {
            let from = max(start, end - min(end, stride))
            if let offset = try lastLines(tailLines, from: from, to: end) { return offset }
            if from == start { return start }
            stride *= 4
        }
    }

    /// Where the last `count` lines between two offsets begin, or nil when there are fewer. Read twice, first to count:
    /// a log can be all newlines, and to remember each would take many times its size.
    private func lastLines(_ count: Int, from: UInt64, to end: UInt64) throws(SystemError) -> UInt64? {
        var known = 0
        try lineStarts(from: from, to: end) { _ in
            known += 1
            return true
        }
        guard known >= count else { return nil }
        var others = known - count
        var found: UInt64?
        try lineStarts(from: from, to: end) { start in
            found = start
            others -= 1
            return others >= 0
        }
        return found
    }

    /// Every offset between two others that follows a newline, until `body` returns false.
    private func lineStarts(from: UInt64, to end: UInt64, _ body: (UInt64) -> Bool) throws(SystemError) {
        var cursor = cursor(at: from)
        while cursor.offset < end, case let item? = try cursor.next() {
            guard case .chunk(let chunk) = item else { continue }
            for (index, byte) in chunk.bytes.enumerated() where byte == UInt8(ascii: "\n") {
                let start = chunk.offset + UInt64(index) + 1
                if start < end, !body(start) { return }
            }
        }
    }
}
