// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import SupervisorClient

/// Shows an agent's stored output, page after page.
struct LogReader {
    let agent: AgentReference

    /// Up to what was there when the first page was answered, lest a noisy agent keep it going for ever. Returns the
    /// offset at which following goes on.
    func show(
        since: AgentLogs.Position?, tail: AgentLogs.Tail?, from client: SupervisorClient, into sink: inout OutputSink
    ) async throws -> UInt64 {
        var page = try await client.call(AgentLogs.self, .init(agent: agent, since: since, tail: tail))
        let end = page.end
        var next: UInt64?
        if case .offset(let offset) = since { next = offset }
        while true {
            for chunk in page.chunks {
                if let next, chunk.offset > next { sink.showGap(from: next, to: chunk.offset) }
                try sink.show(chunk)
                next = chunk.end
            }
            let asked = page.next
            guard asked < end else { return asked }
            page = try await client.call(
                AgentLogs.self, .init(agent: agent, since: .offset(asked), until: .offset(end)))
            // A daemon that does not get on is not to keep us for ever.
            guard page.next > asked else { return asked }
        }
    }
}
