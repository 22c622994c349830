// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Who runs next, where only so many agents may run at once: values in, values out.
///
/// The owner with the fewest running agents comes first, so that nobody's hundred agents keep another's one waiting; of
/// one owner's, the one that has waited longest.
struct Admission: Sendable {
    /// nil is any number.
    struct Limits: Equatable, Sendable {
        var running: Int?
        var perOwner: Int?
        /// How many of one owner may wait.
        var queuedPerOwner = 1000
    }

    /// One that waits.
    struct Candidate: Equatable, Sendable {
        let agent: AgentID
        let owner: UInt32
        let queuedAt: Timestamp
    }

    let limits: Limits

    /// All who wait, in the order in which they would be admitted if nobody ended, and how many of them may run now.
    ///
    /// - Parameter running: how many agents of each owner have a place.
    func order(
        _ waiting: [Candidate], running: [UInt32: Int]
    ) -> (order: [AgentID], admitted: Int) {
        var places = running
        var total = running.values.reduce(0, +)
        var queues = Dictionary(grouping: waiting, by: \.owner).mapValues { queue in
            queue.sorted { ($0.queuedAt, $0.agent) < ($1.queuedAt, $1.agent) }[...]
        }
        var order: [AgentID] = []
        var later: [AgentID] = []
        while true {
            let first = queues.compactMap { owner, queue in queue.first.map { (places[owner] ?? 0, $0) } }
                .min { ($0.0, $0.1.queuedAt, $0.1.agent) < ($1.0, $1.1.queuedAt, $1.1.agent) }
            guard let (held, next) = first else { break }
            queues[next.owner]?.removeFirst()
            places[next.owner] = held + 1
            let fits = (limits.running ?? .max) > total && (limits.perOwner ?? .max) > held
            if fits {
                order.append(next.agent)
                total += 1
            } else {
                later.append(next.agent)
            }
        }
        return (order + later, order.count)
    }
}
