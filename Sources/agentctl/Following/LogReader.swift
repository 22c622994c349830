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
        if case .offset(let offset) = since, offset < page.start { next = offset }
        while true {
            for chunk in page.chunks {
                if let next, chunk.offset > next { sink.showGap(from: next, to: chunk.offset) }
                try sink.show(chunk)
                next = chunk.end
            }
            guard page.next < end, !page.chunks.isEmpty || page.next > (next ?? 0) else { return page.next }
            next = next ?? page.next
            page = try await client.call(
                AgentLogs.self, .init(agent: agent, since: .offset(page.next), until: .offset(end)))
        }
    }
}
