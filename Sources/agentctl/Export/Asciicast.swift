// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials

/// An agent's output as a recording that players of asciinema's show: lines of asciicast, version 2
/// (https://docs.asciinema.org/manual/asciicast/v2/). A value in, lines out.
struct Asciicast {
    private struct Header: Encodable {
        var version = 2
        var width: UInt16
        var height: UInt16
        /// Of the first byte, in seconds since 1970.
        var timestamp: Int64
        var title: String
        var env: [String: String]
    }

    private let agent: Agent
    private let size: TerminalSize
    private var hasHeader = false
    /// Bytes that are missing before the first that is there.
    private var missing: UInt64 = 0
    private var streams: [OutputChunk.Stream: CastText] = [:]
    /// Of the last chunk, by the agent's host's clock.
    private var last: Timestamp?
    /// Of the last event, in nanoseconds since the first.
    private var elapsed: Int64 = 0

    init(of agent: Agent, size: TerminalSize) {
        self.agent = agent
        self.size = size
    }

    mutating func add(_ chunk: OutputChunk) throws -> [UInt8] {
        var lines = try begin(at: chunk.time)
        // What the clock was set back by is nothing that passed.
        if let last {
            let (passed, overflow) = chunk.time.nanoseconds.subtractingReportingOverflow(last.nanoseconds)
            if passed > 0, !overflow { elapsed += passed }
        }
        last = chunk.time
        lines += event("o", streams[chunk.stream, default: CastText(of: chunk.stream)].take(chunk.payload.bytes))
        return lines
    }

    /// Bytes that are gone, between what came and what will come.
    mutating func addGap(_ count: UInt64) -> [UInt8] {
        guard hasHeader else {
            missing += count
            return []
        }
        return flush() + gap(count)
    }

    /// What is left; a recording without any output is one all the same.
    mutating func finish() throws -> [UInt8] {
        try begin(at: agent.startedAt ?? agent.createdAt) + flush()
    }

    private mutating func begin(at time: Timestamp) throws -> [UInt8] {
        guard !hasHeader else { return [] }
        hasHeader = true
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let header = Header(
            width: size.columns, height: size.rows, timestamp: time.nanoseconds / 1_000_000_000, title: agent.name.text,
            env: ["TERM": "xterm-256color"])
        let line = JSONOutput.harmless(Array(try encoder.encode(header))) + [UInt8(ascii: "\n")]
        return missing > 0 ? line + gap(missing) : line
    }

    /// Beginnings of characters whose rest does not come.
    private mutating func flush() -> [UInt8] {
        var lines: [UInt8] = []
        for stream in [OutputChunk.Stream.tty, .stdout, .stderr] {
            if let text = streams[stream]?.finish() { lines += event("o", text) }
        }
        return lines
    }

    private func gap(_ count: UInt64) -> [UInt8] { event("m", "\(count) bytes of output are gone") }

    private func event(_ kind: String, _ text: String) -> [UInt8] {
        guard !text.isEmpty else { return [] }
        let microseconds = elapsed / 1000
        let fraction = String(1_000_000 + microseconds % 1_000_000).dropFirst()
        let time = Array("[\(microseconds / 1_000_000).\(fraction), \"\(kind)\", ".utf8)
        return time + JSONOutput.harmless(JSONValue.string(text).encoded()) + Array("]\n".utf8)
    }
}

/// One stream's bytes as text: no character is split, and what is no UTF-8 becomes U+FFFD.
private struct CastText {
    /// A pipe's lines end with a line feed alone, which on a terminal leads down and not back.
    private let isPipe: Bool
    private var isAfterReturn = false
    /// The beginning of a character, three bytes at most.
    private var carried: [UInt8] = []

    init(of stream: OutputChunk.Stream) {
        isPipe = stream != .tty
    }

    mutating func take(_ bytes: [UInt8]) -> String {
        let bytes = carried + bytes
        let count = OutputText.payloads(of: bytes, mayContinue: true, maximum: max(4, bytes.count)).remainder
        carried = Array(bytes.suffix(count))
        return text(bytes.dropLast(count))
    }

    mutating func finish() -> String {
        defer { carried = [] }
        return text(carried[...])
    }

    private mutating func text(_ bytes: ArraySlice<UInt8>) -> String {
        guard isPipe else { return String(decoding: bytes, as: UTF8.self) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte == UInt8(ascii: "\n"), !isAfterReturn { result.append(UInt8(ascii: "\r")) }
            isAfterReturn = byte == UInt8(ascii: "\r")
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
