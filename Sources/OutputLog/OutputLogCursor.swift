// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// A reader's place in a log: it only ever goes forward, holds no lock, and learns exactly what it missed.
///
/// It may be used while the writer writes and drops segments. Not meant for two tasks at a time.
package struct OutputLogCursor: ~Copyable, Sendable {
    /// The next byte that `next` returns, in bytes since the agent's first output.
    package private(set) var offset: UInt64

    private let directory: String
    private var file: OwnedDescriptor?
    /// The start of the segment that `file` is, and where in the file the next record begins.
    private var segment: UInt64 = 0
    private var position: UInt64 = 0
    /// What was read of the file from `position` on.
    private var buffer: ArraySlice<UInt8> = []

    package enum Item: Sendable, Equatable {
        case chunk(OutputChunk)
        /// These bytes are gone: dropped by the ring, or never stored.
        case gap(from: UInt64, to: UInt64)
    }

    init(directory: String, offset: UInt64) {
        self.directory = directory
        self.offset = offset
    }

    /// What comes next, at most `limit` bytes of it; nil when there is no more now.
    package mutating func next(limit: Int = .max) throws(SystemError) -> Item? {
        guard let header = try seek() else { return nil }
        if header.offset > offset {
            let from = offset
            offset = header.offset
            return .gap(from: from, to: header.offset)
        }
        let skip = Int(offset - header.offset)
        let count = min(header.length - skip, max(limit, 1))
        let first = buffer.startIndex + OutputRecord.headerSize + skip
        let chunk = OutputChunk(
            offset: offset, stream: header.stream, time: header.time, bytes: Array(buffer[first..<first + count]))
        offset = chunk.end
        return .chunk(chunk)
    }

    /// The time of the record that `next` would return, in nanoseconds since the epoch; nil when there is none.
    mutating func timeOfNext() throws(SystemError) -> Int64? {
        try seek()?.time
    }

    /// Skips the record that `next` would return, whole.
    mutating func skipRecord() throws(SystemError) {
        if let header = try seek() { offset = max(offset, header.end) }
    }

    /// Brings the record that holds `offset`, or the first one after it, to the front of the buffer.
    private mutating func seek() throws(SystemError) -> OutputRecord.Header? {
        if file == nil, try !openSegment(in: OutputSegments.list(directory)) { return nil }
        while true {
            if let header = try record() {
                if header.end > offset { return header }
                drop(OutputRecord.headerSize + header.length)
                continue
            }
            // Nothing whole here. If there is a later segment then this one is finished: what was appended between the
            // look above and the listing is still to be read, so it is looked at once more before moving on.
            let starts = try OutputSegments.list(directory)
            guard let following = starts.first(where: { $0 > segment }) else { return nil }
            buffer = []
            if let header = try record() {
                if header.end > offset { return header }
                continue
            }
            try open(following)
        }
    }

    /// Opens the segment where `offset` is to be found, or the oldest when that is gone. False when there is none.
    private mutating func openSegment(in starts: [UInt64]) throws(SystemError) -> Bool {
        guard let start = starts.last(where: { $0 <= offset }) ?? starts.first else { return false }
        try open(start)
        return file != nil
    }

    private mutating func open(_ start: UInt64) throws(SystemError) {
        var start = start
        while true {
            do {
                file = try Files.open(directory + "/" + OutputSegments.name(startingAt: start), O_RDONLY)
                segment = start
                position = 0
                buffer = []
                return
            } catch  where error.errno == ENOENT {
                // Dropped by the ring since it was listed: the next one is the oldest now.
                guard let next = try OutputSegments.list(directory).first(where: { $0 > start }) else {
                    file = nil
                    return
                }
                start = next
            }
        }
    }

    /// The record at `position`, or nil when no whole one is there yet.
    private mutating func record() throws(SystemError) -> OutputRecord.Header? {
        for attempt in 0..<2 {
            if let header = OutputRecord.header(buffer), OutputRecord.isIntact(buffer, length: header.length) {
                return header
            }
            if attempt == 0 { try fill() }
        }
        return nil
    }

    /// Reads from `position` on: enough for the longest record.
    private mutating func fill() throws(SystemError) {
        guard let number = file?.number else { return }
        var bytes = [UInt8](repeating: 0, count: OutputRecord.headerSize + OutputRecord.maximumLength)
        let count = try check("read the output log") { pread(number, &bytes, bytes.count, Int(position)) }
        buffer = bytes[..<count]
    }

    private mutating func drop(_ count: Int) {
        buffer = buffer.dropFirst(count)
        position += UInt64(count)
    }
}
