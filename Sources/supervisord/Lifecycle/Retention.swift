// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// How long what is left of ended agents, and events, are kept: values in, values out.
struct Retention: Equatable, Sendable {
    /// Since the agent's end.
    var age: Duration = .seconds(30 * 86_400)
    /// Ended agents.
    var count = 1000
    /// Bytes on the disk of all ended agents together.
    var bytes: UInt64 = 10 << 30
    /// Of events.
    var eventAge: Duration = .seconds(90 * 86_400)

    /// An agent that has ended.
    struct Ended: Equatable, Sendable {
        let agent: AgentID
        let owner: UInt32
        let endedAt: Timestamp
        let bytes: UInt64
        /// Somebody's work that has neither been applied nor discarded: it is never removed by itself, nor does anything
        /// else have to make room for it.
        let holdsWork: Bool
    }

    /// Those that are to go: what is too old, and of too many or too much the oldest of whoever has the most, so that
    /// nobody's agents push out another's.
    func excess(of ended: [Ended], at now: Timestamp) -> [AgentID] {
        let old = now.nanoseconds - age.milliseconds * 1_000_000
        let removable = ended.filter { !$0.holdsWork }.sorted { ($0.endedAt, $0.agent) < ($1.endedAt, $1.agent) }
        var excess = removable.prefix { $0.endedAt.nanoseconds < old }.map(\.agent)
        var owners = Dictionary(grouping: removable.dropFirst(excess.count), by: \.owner).mapValues { $0[...] }
        var left = owners.mapValues { (count: $0.count, bytes: $0.reduce(0) { $0 + $1.bytes }) }
        while true {
            let isTooMany = left.values.reduce(0) { $0 + $1.count } > count
            guard isTooMany || left.values.reduce(0, { $0 + $1.bytes }) > bytes else { return excess }
            let most = left.max { first, second in
                let (a, b) = (first.value, second.value)
                return (isTooMany ? UInt64(a.count) : a.bytes, first.key) < (
                    isTooMany ? UInt64(b.count) : b.bytes, second.key
                )
            }
            guard let owner = most?.key, let oldest = owners[owner]?.popFirst() else { return excess }
            left[owner]?.count -= 1
            left[owner]?.bytes -= oldest.bytes
            excess.append(oldest.agent)
        }
    }
}
