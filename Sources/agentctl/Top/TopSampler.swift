// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import SupervisorClient

/// Asks a daemon for what `agentctl top` shows. An agent that goes while it is asked is no failure.
struct TopSampler {
    /// Requests under way at once.
    static let mostRequests = 32
    /// Of output, in which the last line is looked for.
    private static let tailBytes: UInt64 = 4096

    let client: SupervisorClient
    /// Which agents.
    let wanted: AgentList.Params

    func readings() async throws -> [TopReading] {
        let agents = try await client.agents(wanted)
        let clock = ContinuousClock()
        let listedAt = clock.now
        return try await pipelined(agents, atMost: Self.mostRequests) { agent in
            var reading = TopReading(agent: agent, listedAt: listedAt)
            guard agent.state.isUnderWay else { return reading }
            reading.usage = try await tolerantly {
                try await client.call(AgentUsage.self, .init(agent: AgentReference(agent.id)))
            }
            reading.usedAt = clock.now
            return reading
        }
    }

    /// What each has written last.
    func lastLines(of rows: [TopRow]) async throws -> [AgentID: LastLine] {
        let lines = try await pipelined(rows, atMost: Self.mostRequests) { row in
            let params = AgentLogs.Params(agent: AgentReference(row.id), tail: .init(bytes: Self.tailBytes))
            let page = try await tolerantly { try await client.call(AgentLogs.self, params) }
            return (row.id, LastLine(text: page.flatMap { Self.lastLine(of: $0.chunks) }, outputEnd: row.outputEnd))
        }
        return Dictionary(lines) { first, _ in first }
    }

    /// The last line with anything in it, without blanks around it.
    static func lastLine(of chunks: [OutputChunk]) -> String? {
        var lines = PlainLines(breaksAtMoves: true)
        var bytes: [UInt8] = []
        for chunk in chunks { bytes += lines.filter(chunk.payload.bytes, at: chunk.time) }
        bytes += lines.finish()
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(separator: "\n").lazy.reversed().map { CellText.plain(String($0)).trimmed }
            .first { !$0.isEmpty }
    }

    /// Nil for what the daemon cannot tell of this agent: it is gone, or its shim is too old or does not answer.
    private func tolerantly<Value>(_ body: () async throws -> Value) async throws -> Value? {
        do {
            return try await body()
        } catch is ProtocolError {
            return nil
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        let start = drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}
