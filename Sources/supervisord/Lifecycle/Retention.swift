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
        let endedAt: Timestamp
        let bytes: UInt64
        /// Somebody's work that has neither been applied nor discarded: it is never removed by itself.
        let holdsWork: Bool
    }

    /// Those that are to go, the oldest first.
    func excess(of ended: [Ended], at now: Timestamp) -> [AgentID] {
        let old = now.nanoseconds - age.milliseconds * 1_000_000
        let removable = ended.filter { !$0.holdsWork }.sorted { ($0.endedAt, $0.agent) < ($1.endedAt, $1.agent) }
        var left = (count: ended.count, bytes: ended.reduce(0) { $0 + $1.bytes })
        var excess: [AgentID] = []
        for one in removable {
            guard one.endedAt.nanoseconds < old || left.count > count || left.bytes > bytes else { break }
            left = (left.count - 1, left.bytes - min(one.bytes, left.bytes))
            excess.append(one.agent)
        }
        return excess
    }
}
