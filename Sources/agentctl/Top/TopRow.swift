// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What two readings say of an agent: a line of `agentctl top`.
struct TopRow: Encodable, Equatable {
    /// Of the second reading.
    var time: Timestamp
    var id: AgentID
    var name: AgentName
    var state: AgentState
    /// 100 is one processor used all the time. Nil, as the others, while nobody knows.
    var cpuPercent: Double?
    var memoryBytes: Int64?
    /// Threads count as well.
    var pids: Int64?
    var outputBytesPerSecond: Double?
    /// Since it was started, or made if it never was.
    var ageSeconds: Int64
    /// Of its output, as text; of a screenful, what was written last.
    var lastLine: String?
    /// The end of its output, by which a reader of the last line knows whether there is a new one.
    var outputEnd: UInt64
}

/// An agent as it was read once, and when.
struct TopReading {
    var agent: Agent
    /// When the list came.
    var listedAt: ContinuousClock.Instant
    /// Nil for an agent that does not run, or that nobody can tell it of.
    var usage: AgentUsage.Result?
    var usedAt: ContinuousClock.Instant?
}

/// Makes rates of readings, each with the one before it.
struct TopMeter {
    private var last: [AgentID: TopReading] = [:]

    mutating func rows(of readings: [TopReading], at now: Timestamp) -> [TopRow] {
        let rows = readings.map { reading in row(reading, after: last[reading.agent.id], at: now) }
        last = Dictionary(readings.map { ($0.agent.id, $0) }) { first, _ in first }
        return rows
    }

    private func row(_ reading: TopReading, after last: TopReading?, at now: Timestamp) -> TopRow {
        let agent = reading.agent
        let begin = agent.startedAt ?? agent.createdAt
        return TopRow(
            time: now, id: agent.id, name: agent.name, state: agent.state,
            cpuPercent: last.flatMap { Self.cpuPercent(reading, after: $0) },
            memoryBytes: reading.usage?.memory.currentBytes, pids: reading.usage?.pids.current,
            outputBytesPerSecond: last.flatMap { last in
                Self.rate(
                    from: Double(last.agent.output.end), to: Double(agent.output.end),
                    within: last.listedAt.duration(to: reading.listedAt))
            },
            ageSeconds: max(0, (now.nanoseconds - begin.nanoseconds) / 1_000_000_000), outputEnd: agent.output.end)
    }

    private static func cpuPercent(_ reading: TopReading, after last: TopReading) -> Double? {
        // What another attempt had used says nothing of this one.
        guard last.agent.attempt == reading.agent.attempt, let now = reading.usage?.cpu.microseconds,
            let before = last.usage?.cpu.microseconds, let start = last.usedAt, let end = reading.usedAt
        else { return nil }
        return rate(from: before, to: now, within: start.duration(to: end)).map { $0 / 10_000 }
    }

    /// A second. Nil when no time lies between, or the count was set back. Rounded to tenths.
    private static func rate(from before: Double, to now: Double, within time: Duration) -> Double? {
        let seconds = time / .seconds(1)
        guard seconds > 0, now >= before else { return nil }
        return ((now - before) / seconds * 10).rounded() / 10
    }
}
