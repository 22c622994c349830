// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

@testable import OutputLog

@Suite struct OutputLogTests {
    @Test("what is written comes back with its offsets, streams and times")
    func roundTrip() throws {
        let log = try TemporaryLog()
        var writer = try log.writer(ringSize: 1 << 20)
        writer.append(Array("one\n".utf8)[...], stream: .stdout, time: 5)
        writer.append(Array("two\n".utf8)[...], stream: .stderr, time: 6)
        var cursor = log.reader.cursor(at: 0)
        #expect(
            try cursor.next()
                == .chunk(OutputChunk(offset: 0, stream: .stdout, time: 5, bytes: Array("one\n".utf8))))
        #expect(
            try cursor.next()
                == .chunk(OutputChunk(offset: 4, stream: .stderr, time: 6, bytes: Array("two\n".utf8))))
        #expect(try cursor.next() == nil)
        writer.append(Array("three".utf8)[...], stream: .tty, time: 7)
        #expect(
            try cursor.next()
                == .chunk(OutputChunk(offset: 8, stream: .tty, time: 7, bytes: Array("three".utf8))))
        #expect(try log.reader.range() == (0, 13))
    }

    @Test("a cursor may start inside a record, and takes no more than its limit")
    func partial() throws {
        let log = try TemporaryLog()
        var writer = try log.writer(ringSize: 1 << 20)
        writer.append(Array("0123456789".utf8)[...], stream: .tty, time: 1)
        var cursor = log.reader.cursor(at: 3)
        #expect(
            try cursor.next(limit: 4)
                == .chunk(OutputChunk(offset: 3, stream: .tty, time: 1, bytes: Array("3456".utf8))))
        #expect(
            try cursor.next(limit: 4)
                == .chunk(OutputChunk(offset: 7, stream: .tty, time: 1, bytes: Array("789".utf8))))
    }

    @Test("the ring drops its oldest segments, and a reader is told exactly which bytes are gone")
    func ring() throws {
        let log = try TemporaryLog()
        var writer = try log.writer(ringSize: 1 << 20)
        var early = log.reader.cursor(at: 0)
        let block = [UInt8](repeating: 7, count: 1000)
        for _ in 0..<3000 { writer.append(block[...], stream: .tty, time: 1) }
        let (start, end) = try log.reader.range()
        #expect(end == 3_000_000)
        #expect(start > 1_900_000 && start < 2_200_000)
        #expect(try early.next() == .gap(from: 0, to: start))
        var seen = start
        while case .chunk(let chunk)? = try early.next() {
            #expect(chunk.offset == seen)
            seen = chunk.end
        }
        #expect(seen == end)
    }

    @Test("the last of very many lines are found in about the time of a few")
    func manyLines() throws {
        let log = try TemporaryLog()
        var writer = try log.writer(ringSize: 16 << 20)
        let block = [UInt8](repeating: UInt8(ascii: "\n"), count: 64 * 1024)
        for _ in 0..<16 { writer.append(block[...], stream: .tty, time: 1) }
        func time(_ lines: Int) throws -> Duration {
            try ContinuousClock().measure { _ = try log.reader.offset(tailLines: lines) }
        }
        #expect(try log.reader.offset(tailLines: 500_000) == (1 << 20) - 500_000)
        let all = try time(1 << 20)
        // Half as many have to be kept in order while as many go by: no more work than twice that of taking all.
        #expect(try time(1 << 19) < all * 10)
    }

    @Test("a second writer goes on where the first has ended, within the same ring")
    func secondWriter() throws {
        let log = try TemporaryLog()
        var first = try log.writer(ringSize: 1 << 20)
        let block = [UInt8](repeating: 7, count: 1000)
        for _ in 0..<900 { first.append(block[...], stream: .tty, time: 1) }
        var cursor = log.reader.cursor(at: 899_000)
        var second = try log.writer(ringSize: 1 << 20, end: 900_000)
        for _ in 0..<900 { second.append(block[...], stream: .tty, time: 2) }
        let (start, end) = try log.reader.range()
        #expect(end == 1_800_000)
        #expect(start > 700_000 && start < 899_000)
        var seen: UInt64 = 899_000
        while case .chunk(let chunk)? = try cursor.next() {
            #expect(chunk.offset == seen)
            seen = chunk.end
        }
        #expect(seen == end)
        // One that has written nothing leaves nothing in the way.
        _ = try log.writer(ringSize: 1 << 20, end: end)
        var third = try log.writer(ringSize: 1 << 20, end: end)
        third.append(block[...], stream: .tty, time: 3)
        #expect(try log.reader.range().end == end + 1000)
    }

    @Test("a reader that follows the writer step by step misses nothing across segments")
    func following() throws {
        let log = try TemporaryLog()
        var writer = try log.writer(ringSize: 1 << 20)
        var cursor = log.reader.cursor(at: 0)
        var random = SystemRandomNumberGenerator()
        var seen: UInt64 = 0
        for round in 0..<4000 {
            let size = Int.random(in: 1...5000, using: &random)
            writer.append([UInt8](repeating: UInt8(round & 0xFF), count: size)[...], stream: .tty, time: 1)
            if round % 7 != 0 { continue }
            while let item = try cursor.next() {
                guard case .chunk(let chunk) = item else {
                    Issue.record("a gap at \(seen)")
                    return
                }
                #expect(chunk.offset == seen)
                seen = chunk.end
            }
            #expect(seen == writer.end)
        }
    }

    @Test("half a record, as a reader may see it or a power cut leave it, is not taken for output")
    func torn() throws {
        let record = OutputRecord.encode(Array("hello".utf8)[...], offset: 0, time: 1, stream: .tty)
        for length in 0..<record.count {
            let log = try TemporaryLog()
            try log.write(Array(record[..<length]), as: 0)
            var cursor = log.reader.cursor(at: 0)
            #expect(try cursor.next() == nil, "\(length) bytes")
            try log.write(record, as: 0)
            #expect(try cursor.next() != nil, "the rest after \(length) bytes")
        }
        for position in 0..<record.count {
            var damaged = record
            damaged[position] ^= 0x10
            let log = try TemporaryLog()
            try log.write(damaged, as: 0)
            var cursor = log.reader.cursor(at: 0)
            #expect(try cursor.next() == nil, "damaged at \(position)")
        }
    }

    @Test("bytes that could not be stored are a gap of exactly their length")
    func fullDisk() async throws {
        // In a process of its own: the limit that fails a write as a full disk does holds for a whole process. Not by an
        // exit test, which finds no end among other tests' children that nobody has waited for yet.
        let alone = "OUTPUT_LOG_TESTS_ALONE"
        guard let done = getenv(alone) else {
            let program = try #require(Files.linkTarget("/proc/self/exe"))
            let words = [program, "--testing-library", "swift-testing", "--filter", "OutputLogTests/fullDisk"]
            let done = try TemporaryLog().path + ".done"
            defer { unlink(done) }
            var environment = ProcessInfo.processInfo.environment
            environment[alone] = done
            let null = try Files.open("/dev/null", O_WRONLY)
            let child = try Spawn.start(
                program, words, environment: environment, descriptors: [1: null.number, 2: null.number])
            // Another test may have the kernel reap children by itself; then this has no answer, but waits all the same.
            var status: Int32 = 0
            waitpid(child, &status, 0)
            return #expect(access(done, F_OK) == 0)
        }
        let log = try TemporaryLog()
        var writer = try log.writer(ringSize: 1 << 20)
        writer.append(Array("before".utf8)[...], stream: .tty, time: 1)
        signal(SIGXFSZ, SIG_IGN)
        try ResourceLimits.set("fsize", soft: 40, hard: nil)
        writer.append(Array("lost".utf8)[...], stream: .tty, time: 2)
        try ResourceLimits.set("fsize", soft: nil, hard: nil)
        try #require(writer.problem?.errno == EFBIG)
        writer.append(Array("after".utf8)[...], stream: .tty, time: 3)
        try #require(writer.problem == nil)
        var cursor = log.reader.cursor(at: 0)
        let before = OutputChunk(offset: 0, stream: .tty, time: 1, bytes: Array("before".utf8))
        let after = OutputChunk(offset: 10, stream: .tty, time: 3, bytes: Array("after".utf8))
        let items = [try cursor.next(), try cursor.next(), try cursor.next()]
        try #require(items == [.chunk(before), .gap(from: 6, to: 10), .chunk(after)])
        _ = try Files.open(String(cString: done), O_WRONLY | O_CREAT)
    }

    @Test("a tail is found by bytes, lines and time")
    func tails() throws {
        let log = try TemporaryLog()
        var writer = try log.writer(ringSize: 1 << 22)
        #expect(try log.reader.offset(tailLines: 10) == 0)
        for line in 0..<20_000 { writer.append(Array("line \(line)\n".utf8)[...], stream: .tty, time: Int64(line)) }
        let lastTen = try log.reader.offset(tailLines: 10)
        #expect(writer.end - lastTen == 110)
        #expect(try log.reader.offset(tailBytes: 100) == writer.end - 100)
        #expect(try log.reader.offset(tailBytes: .max) == 0)
        #expect(try log.reader.offset(tailLines: 100_000) == 0)
        var cursor = log.reader.cursor(at: try log.reader.offset(at: 12_345))
        guard case .chunk(let chunk)? = try cursor.next() else { return #expect(Bool(false), "nothing at that time") }
        #expect(String(decoding: chunk.bytes, as: UTF8.self) == "line 12345\n")
        #expect(try log.reader.offset(at: 99_999_999) == writer.end)
        writer.append(Array("no newline".utf8)[...], stream: .tty, time: 99_999)
        #expect(try writer.end - log.reader.offset(tailLines: 1) == 10)
    }

    @Test("the checksum is the CRC-32 that everybody computes")
    func checksum() {
        // The check value of the CRC catalogue (CRC-32/ISO-HDLC), and zlib's for a longer text.
        #expect(CRC32.checksum(Array("123456789".utf8)[...]) == 0xCBF4_3926)
        let text = Array("The quick brown fox jumps over the lazy dog".utf8)
        #expect(CRC32.checksum(text[...]) == 0x414F_A339)
        #expect(CRC32.checksum(text[10...], continuing: CRC32.checksum(text[..<10])) == 0x414F_A339)
    }
}

/// A directory for one log, gone with it.
final class TemporaryLog {
    let path: String
    private let directory: OwnedDescriptor

    init() throws {
        var template = Array("/tmp/output-log-XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("make a directory", errno: errno) }
        path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        directory = try Files.open(path, O_RDONLY | O_DIRECTORY)
    }

    deinit {
        for start in (try? OutputSegments.list(path)) ?? [] {
            unlink(path + "/" + OutputSegments.name(startingAt: start))
        }
        rmdir(path)
    }

    var reader: OutputLogReader { OutputLogReader(directory: path) }

    func writer(ringSize: UInt64, end: UInt64 = 0) throws -> OutputLogWriter {
        try OutputLogWriter(directory: directory.number, ringSize: ringSize, end: end)
    }

    func write(_ bytes: [UInt8], as start: UInt64) throws {
        let file = try Files.open(
            OutputSegments.name(startingAt: start), O_WRONLY | O_CREAT | O_TRUNC, at: directory.number)
        try Files.write(bytes, to: file.number)
    }
}
