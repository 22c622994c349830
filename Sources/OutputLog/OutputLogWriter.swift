// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// The one writer of an agent's stored output: a ring of segment files in a directory.
///
/// Nothing that goes wrong on disk may hold the agent up, so `append` cannot fail: bytes that could not be stored still
/// take their place in the count, and a reader sees from the next record's offset that they are missing.
package struct OutputLogWriter: ~Copyable {
    private let directory: Int32
    private let ringSize: UInt64
    private let segmentSize: UInt64
    /// What is on disk, oldest first; the last is the one being written.
    private var segments: [(start: UInt64, size: UInt64)] = []
    private var file: OwnedDescriptor?
    /// Bytes of output so far, stored or not.
    package private(set) var end: UInt64
    /// Why the last bytes could not be stored, if they could not.
    package private(set) var problem: SystemError?

    /// Starts a log, or goes on with one. `ringSize` is what it may take on disk, in bytes, give or take two records.
    ///
    /// - Parameters:
    ///   - directory: an open descriptor of it, which must stay open for as long as the writer lives.
    ///   - end: the offset of the next byte; not below the end of what is there.
    package init(directory: Int32, ringSize: UInt64, end: UInt64 = 0) throws(SystemError) {
        for start in try Files.names(in: ".", at: directory).compactMap(OutputSegments.start(ofName:)).sorted()
        // One that begins at the end holds nothing, and is begun anew.
        where start < end {
            var status = stat()
            let name = OutputSegments.name(startingAt: start)
            try check("examine", name) { fstatat(directory, name, &status, Int32(AT_SYMLINK_NOFOLLOW)) }
            segments.append((start, UInt64(clamping: status.st_size)))
        }
        self.directory = directory
        self.ringSize = ringSize
        // Sixteen segments: the ring forgets a sixteenth at a time.
        segmentSize = max(ringSize / 16, 4096)
        self.end = end
    }

    /// Stores some output, in order of arrival. Sets `problem` when it could not.
    package mutating func append(_ bytes: ArraySlice<UInt8>, stream: OutputStream, time: Int64) {
        var rest = bytes
        while !rest.isEmpty {
            let part = rest.prefix(OutputRecord.maximumLength)
            let record = OutputRecord.encode(part, offset: end, time: time, stream: stream)
            do {
                try store(record)
                problem = nil
            } catch {
                problem = error
            }
            end += UInt64(part.count)
            rest = rest.dropFirst(part.count)
        }
    }

    /// Brings what is stored to the disk itself.
    package mutating func flush() {
        if let number = file?.number { _ = fdatasync(number) }
    }

    private mutating func store(_ record: [UInt8]) throws(SystemError) {
        if file == nil || segments[segments.count - 1].size >= segmentSize { try startSegment() }
        let last = segments.count - 1
        let position = segments[last].size
        do {
            try write(record, at: position)
            segments[last].size += UInt64(record.count)
        } catch {
            // Half a record must not stay: what is written next would stand behind it, out of a reader's sight.
            if let number = file?.number, ftruncate(number, Int(position)) != 0 { file = nil }
            throw error
        }
    }

    private mutating func write(_ record: [UInt8], at position: UInt64) throws(SystemError) {
        guard let number = file?.number else { return }
        var done = 0
        while done < record.count {
            done += try check("write the output log") {
                record[done...].withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, Int(position) + done) }
            }
        }
    }

    private mutating func startSegment() throws(SystemError) {
        while segments.count > 1, segments.reduce(0, { $0 + $1.size }) + segmentSize > ringSize {
            _ = unlinkat(directory, OutputSegments.name(startingAt: segments[0].start), 0)
            segments.removeFirst()
        }
        let name = OutputSegments.name(startingAt: end)
        file = try Files.open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, at: directory)
        segments.append((end, 0))
    }
}
