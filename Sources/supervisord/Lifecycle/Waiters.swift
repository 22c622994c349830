// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Requests that wait for an agent to get somewhere.
struct Waiters {
    enum Milestone: Equatable, Sendable {
        /// It runs, waits for room to run in, or will not run.
        case started
        /// The same for one that may have to end first.
        case runsAgain
        case final
        /// This attempt has ended.
        case over(attempt: Int)
        /// The daemon has found out, after its own start, where the agent stands.
        case found
        case removed
    }

    private struct Waiter {
        let milestone: Milestone
        let continuation: CheckedContinuation<Void, any Error>
    }

    private var waiting: [AgentID: [UInt64: Waiter]] = [:]
    private var last: UInt64 = 0

    mutating func nextID() -> UInt64 {
        last += 1
        return last
    }

    mutating func add(
        _ id: UInt64, for milestone: Milestone, of agent: AgentID, _ continuation: CheckedContinuation<Void, any Error>
    ) {
        waiting[agent, default: [:]][id] = Waiter(milestone: milestone, continuation: continuation)
    }

    /// Ends one wait for an agent early.
    mutating func fail(_ id: UInt64, of agent: AgentID, _ error: any Error) {
        let waiter = waiting[agent]?.removeValue(forKey: id)
        if waiting[agent]?.isEmpty == true { waiting[agent] = nil }
        waiter?.continuation.resume(throwing: error)
    }

    /// Ends the waits for an agent that have come to their end.
    mutating func resume(_ agent: AgentID, where isReached: (Milestone) -> Bool) {
        guard let all = waiting[agent] else { return }
        let due = all.filter { isReached($0.value.milestone) }
        guard !due.isEmpty else { return }
        let rest = all.filter { due[$0.key] == nil }
        waiting[agent] = rest.isEmpty ? nil : rest
        for waiter in due.values { waiter.continuation.resume() }
    }
}
