// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import OutputLog

/// One client's `agent/attach`.
struct OutputSubscription: Subscription {
    let id: SubscriptionID
    let agent: AgentID
    let encoding: OutputEncoding
    let offset: UInt64
    let follower: LogFollower
    let output: Broadcast<OutputState>

    func run(_ send: Sending) async throws -> SubscriptionEnded.Reason {
        var assembler = ChunkAssembler(encoding: encoding)
        var position = offset
        while true {
            // Looked at before the log, so that nothing that comes after the look at the log is slept through.
            let (state, generation) = output.latest
            var isAtEnd = false
            try await send {
                let items = try await follower.next()
                isAtEnd = items.isEmpty
                var lines: [UInt8] = []
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

    private func lines(_ chunks: [ControlProtocol.OutputChunk]) throws -> [UInt8] {
        try chunks.flatMap { try DaemonLine.notification(AgentOutput(subscription: id, agent: agent, chunk: $0)) }
    }

    private func gap(from: UInt64, to: UInt64) throws -> [UInt8] {
        try DaemonLine.notification(AgentGap(subscription: id, agent: agent, from: from, to: to))
    }
}
