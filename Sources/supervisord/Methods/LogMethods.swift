// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import OutputLog

/// Reading stored output.
extension Methods {
    static func logs(_ params: AgentLogs.Params, _ call: Call) async throws -> AgentLogs.Result {
        let agent = try await call.find(params.agent)
        return try await call.supervisor.blocking {
            // No log yet, as long as the agent is being started; none ever, if that failed.
            guard access(agent.directory.output, F_OK) == 0 else {
                return AgentLogs.Result(chunks: [], next: 0, start: 0, end: 0, eof: agent.record.state.isFinal)
            }
            var page = LogPage(agent, params)
            return try page.result()
        }
    }
}

/// One answer to `agent/logs`: as much of what is asked for as fits a line.
private struct LogPage {
    private let request: AgentLogs.Params
    private let reader: OutputLogReader
    private let state: OutputState
    /// What the line has left for chunks, in bytes as they are written.
    private var room = ProtocolLimits.maximumDaemonLine - 4096
    private var chunks: [ControlProtocol.OutputChunk] = []

    init(_ agent: AgentSnapshot, _ request: AgentLogs.Params) {
        self.request = request
        reader = OutputLogReader(directory: agent.directory.output)
        // Before the log is looked at, so that `eof` is never said too early.
        state = agent.output.latest.value
    }

    /// Blocks on the file system.
    mutating func result() throws -> AgentLogs.Result {
        let range = try reader.range()
        let end = max(state.end, range.end)
        let from = min(try start(), end)
        var until = end
        if let limit = request.until { until = min(try offset(limit), end) }
        let next = until > from ? try fill(from: from, to: until, end: end) : from
        return AgentLogs.Result(
            chunks: chunks, next: next, start: min(range.start, end), end: end, eof: !state.isOpen && next >= end)
    }

    private func start() throws(SystemError) -> UInt64 {
        if let tail = request.tail {
            if let bytes = tail.bytes { return try reader.offset(tailBytes: bytes) }
            return try reader.offset(tailLines: tail.lines ?? 0)
        }
        guard let since = request.since else { return 0 }
        return try offset(since)
    }

    private func offset(_ position: AgentLogs.Position) throws(SystemError) -> UInt64 {
        switch position {
        case .offset(let offset): return offset
        case .time(let time): return try reader.offset(at: time.nanoseconds)
        }
    }

    /// Collects chunks and returns the offset to go on with.
    private mutating func fill(from: UInt64, to: UInt64, end: UInt64) throws(SystemError) -> UInt64 {
        var assembler = ChunkAssembler(encoding: request.encoding ?? .text)
        var cursor = reader.cursor(at: from)
        var allowance = UInt64(request.limit ?? .max)
        var position = from
        while position < to, allowance > 0 {
            let wanted = min(to - position, allowance, UInt64(ProtocolLimits.maximumChunk))
            guard let item = try cursor.next(limit: Int(wanted)) else {
                // What is not there and never will be: a full disk kept it out of the log.
                if !state.isOpen { position = to }
                break
            }
            position = cursor.offset
            switch item {
            case .gap:
                if let full = take(assembler.flush()) { return full }
            case .chunk(let chunk):
                allowance -= UInt64(chunk.bytes.count)
                if let full = take(assembler.add(chunk)) { return full }
            }
        }
        // The beginning of a character is left for the next answer, unless nothing follows it or there would be
        // nothing else in this one.
        let mayContinue = position < end || state.isOpen
        if mayContinue, let pending = assembler.pending, !chunks.isEmpty || position >= end { return pending }
        return take(assembler.flush()) ?? min(position, to)
    }

    /// Adds chunks while there is room; returns the offset of the first that has none.
    private mutating func take(_ more: [ControlProtocol.OutputChunk]) -> UInt64? {
        for chunk in more {
            guard chunk.maximumEncodedSize <= room else { return chunk.offset }
            room -= chunk.maximumEncodedSize
            chunks.append(chunk)
        }
        return nil
    }
}
