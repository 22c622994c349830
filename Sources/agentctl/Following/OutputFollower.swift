// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import SupervisorClient

/// Shows an agent's output from an offset until the agent has ended, whatever becomes of the daemon in between.
struct OutputFollower {
    let address: DaemonAddress
    let agent: AgentReference

    /// Returns the agent as it ended.
    func follow(from start: UInt64, into sink: inout OutputSink) async throws -> Agent {
        var next = start
        // Whoever follows has just talked to it.
        var patience = Patience(isKnown: true)
        while true {
            do {
                if let ended = try await followOnce(from: &next, into: &sink, connected: { patience.met() }) {
                    try sink.finish()
                    return ended
                }
                throw ClientError(.connectionLost, "the daemon has ended; the agent runs on")
            } catch {
                try await patience.wait(after: error)
            }
        }
    }

    /// Returns nil when the daemon ended the subscription before the agent ended.
    private func followOnce(
        from next: inout UInt64, into sink: inout OutputSink, connected: () -> Void
    ) async throws -> Agent? {
        let client = try await address.connect()
        defer { client.close() }
        let items = try await client.attach(.init(agent: agent, since: .offset(next)))
        connected()
        for try await item in items {
            switch item {
            case .output(let chunk):
                try sink.show(chunk)
                next = chunk.end
            case .gap(let from, let to):
                try sink.showGap(from: from, to: to)
                next = to
            case .ended(.eof): return try await client.call(AgentWait.self, .init(agent: agent))
            case .ended(.removed): throw Failure("the agent was removed", exitCode: .notFound)
            case .ended(.failed): throw Failure("the daemon cannot read the agent's output", hint: "its log says why")
            case .ended: return nil
            }
        }
        return nil
    }
}
