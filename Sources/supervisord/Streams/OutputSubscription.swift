// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import NIOPosix
import OutputLog
import ScreenProtocol

/// One client's `agent/attach`.
struct OutputSubscription: Subscription {
    enum Start: Sendable {
        case offset(UInt64)
        /// With what the terminal shows when it is this subscription's turn to send.
        case screen(TerminalView)
    }

    let id: SubscriptionID
    let agent: AgentID
    let encoding: OutputEncoding
    let start: Start
    let directory: AgentDirectory
    let threads: NIOThreadPool
    let output: Broadcast<OutputState>
    let writing: WritingRight

    /// Lines of what has scrolled off the screen, which come with a snapshot.
    private static let history: UInt16 = 500

    func run(_ send: Sending) async throws -> SubscriptionEnded.Reason {
        var position = try await begin(send)
        let follower = LogFollower(directory, from: position, threads: threads)
        var assembler = ChunkAssembler(encoding: encoding)
        while true {
            // Looked at before the log, so that nothing that comes after the look at the log is slept through.
            let (state, generation) = output.latest
            var isAtEnd = false
            try await send {
                var lines = try await news()
                let items = try await follower.next()
                isAtEnd = items.isEmpty
                for item in items {
                    switch item {
                    case .chunk(let chunk):
                        lines += try self.lines(assembler.add(chunk))
                        position = chunk.end
                    case .gap(let from, let to):
                        lines += try self.lines(assembler.flush()) + gap(from: from, to: to)
                        position = to
                    }
                }
                guard isAtEnd, !state.isOpen, !state.isRemoved else { return lines }
                lines += try self.lines(assembler.flush())
                // What a full disk kept out of the log at the very end.
                if position < state.end { lines += try gap(from: position, to: state.end) }
                return lines
            }
            guard isAtEnd else { continue }
            if state.isRemoved { return .removed }
            if !state.isOpen { return .eof }
            await output.changed(since: generation)
            try Task.checkCancellation()
        }
    }

    /// Sends what comes before the output, and returns where that begins.
    private func begin(_ send: Sending) async throws -> UInt64 {
        switch start {
        case .offset(let offset): return offset
        case .screen(let screen):
            try await screen.settle()
            var snapshot: TerminalView.Snapshot?
            var sent = 0
            try await send.screen {
                let made = try await screen.snapshot(history: Self.history)
                snapshot = made
                return try line(made, &sent)
            }
            guard let snapshot else { throw CancellationError() }
            // A piece at a time, as the client takes them: all of them as lines would be twice as much to keep.
            while sent < snapshot.bytes.count { try await send { try line(snapshot, &sent) } }
            return snapshot.offset
        }
    }

    private func line(_ snapshot: TerminalView.Snapshot, _ sent: inout Int) throws -> [UInt8] {
        let piece = Array(snapshot.bytes[sent...].prefix(AgentScreenSnapshot.maximumPiece))
        sent += piece.count
        return try DaemonLine.notification(
            AgentScreenSnapshot(
                subscription: id, agent: agent, offset: snapshot.offset,
                size: TerminalSize(columns: snapshot.size.columns, rows: snapshot.size.rows),
                dataBase64: Base64Bytes(piece), more: sent < snapshot.bytes.count))
    }

    private func news() async throws -> [UInt8] {
        guard let peer = writing.news() else { return [] }
        let writer = try await threads.runIfActive { AgentWriter.Writer(peer) }
        return try DaemonLine.notification(AgentWriter(subscription: id, agent: agent, writer: writer))
    }

    private func lines(_ chunks: [ControlProtocol.OutputChunk]) throws -> [UInt8] {
        try chunks.flatMap { try DaemonLine.notification(AgentOutput(subscription: id, agent: agent, chunk: $0)) }
    }

    private func gap(from: UInt64, to: UInt64) throws -> [UInt8] {
        try DaemonLine.notification(AgentGap(subscription: id, agent: agent, from: from, to: to))
    }
}
