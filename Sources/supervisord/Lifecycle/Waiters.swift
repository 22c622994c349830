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
        /// The daemon has found out, after its own start, where the agent stands.
        case found
        case removed
    }

    private struct Waiter {
        let agent: AgentID
        let milestone: Milestone
        let continuation: CheckedContinuation<Void, any Error>
    }

    private var waiting: [UInt64: Waiter] = [:]
    private var last: UInt64 = 0

    mutating func nextID() -> UInt64 {
        last += 1
        return last
    }

    mutating func add(
        _ id: UInt64, for milestone: Milestone, of agent: AgentID, _ continuation: CheckedContinuation<Void, any Error>
    ) {
        waiting[id] = Waiter(agent: agent, milestone: milestone, continuation: continuation)
    }

    /// Ends one wait early.
    mutating func fail(_ id: UInt64, _ error: any Error) {
        waiting.removeValue(forKey: id)?.continuation.resume(throwing: error)
    }

    /// Ends the waits for an agent that have come to their end.
    mutating func resume(_ agent: AgentID, where isReached: (Milestone) -> Bool) {
        for (id, waiter) in waiting where waiter.agent == agent && isReached(waiter.milestone) {
            waiting.removeValue(forKey: id)
            waiter.continuation.resume()
        }
    }
}
