// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import SupervisorClient

/// Shows an agent's stored output, page after page.
struct LogReader {
    let agent: AgentReference
    var since: AgentLogs.Position?
    /// Where to end, that byte not included.
    var until: AgentLogs.Position?
    var tail: AgentLogs.Tail?

    /// Up to what was there when the first page was answered, lest a noisy agent keep it going for ever. Returns the
    /// offset at which following goes on.
    func show(from client: SupervisorClient, into sink: inout OutputSink) async throws -> UInt64 {
        try await read(from: client) { item in
            switch item {
            case .chunk(let chunk): try sink.show(chunk)
            case .gap(let from, let to): try sink.showGap(from: from, to: to)
            }
        }
    }

    enum Item {
        case chunk(OutputChunk)
        /// The bytes from `from` up to, not including, `to` are gone.
        case gap(from: UInt64, to: UInt64)
    }

    /// The same for whoever does not show it.
    func read(from client: SupervisorClient, _ body: (Item) throws -> Void) async throws -> UInt64 {
        var page = try await client.call(
            AgentLogs.self, .init(agent: agent, since: since, until: until, tail: tail))
        let end = end(among: page)
        var next: UInt64?
        if case .offset(let offset) = since { next = offset }
        while true {
            for chunk in page.chunks {
                if let next, chunk.offset > next { try body(.gap(from: next, to: chunk.offset)) }
                try body(.chunk(chunk))
                next = chunk.end
            }
            let asked = page.next
            if case .offset(let offset) = end, asked >= offset { return asked }
            page = try await client.call(AgentLogs.self, .init(agent: agent, since: .offset(asked), until: end))
            // At the end, if that is a time; and a daemon that does not get on is not to keep us for ever.
            guard page.next > asked else { return asked }
        }
    }

    /// Where to stop: a time that lies ahead would go on as long as the agent does.
    private func end(among first: AgentLogs.Result) -> AgentLogs.Position {
        switch until {
        case .offset(let offset)?: .offset(min(offset, first.end))
        case .time(let time)? where time <= .now(): .time(time)
        case .time?, nil: .offset(first.end)
        }
    }
}
