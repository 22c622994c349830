// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import NIOCore

/// Requests that wait for what becomes of an agent.
extension Supervisor {
    /// Ends the waits that are over.
    func announce(_ id: AgentID) {
        guard let entry = agents[id] else { return }
        let state = entry.record.state
        waiters.resume(id) { milestone in
            switch milestone {
            case .started: state != .starting
            case .runsAgain: ![.starting, .stopping].contains(state)
            case .final: state.isFinal
            case .over(let attempt):
                !entry.record.machine.holdsPlace || entry.record.machine.progress.attempt != attempt
            case .found: entry.isFound
            case .removed: false
            }
        }
    }

    /// Returns once the agent has got there, or at once when it is past that. Fails with `timed_out`, with
    /// `agent_not_found` when the agent is removed meanwhile, or when the task is cancelled.
    func wait(for milestone: Waiters.Milestone, of id: AgentID, atMost timeout: Duration? = nil) async throws {
        let waiter = waiters.nextID()
        let timer = timeout.map { timeout in
            eventLoop.scheduleTask(in: .milliseconds(timeout.milliseconds)) {
                self.assumeIsolated {
                    $0.waiters.fail(
                        waiter, of: id, ProtocolError.timedOut("the agent has not got there within \(timeout)"))
                }
            }
        }
        defer { timer?.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiters.add(waiter, for: milestone, of: id, continuation)
                if Task.isCancelled { waiters.fail(waiter, of: id, CancellationError()) }
                guard agents[id] != nil else { return waiters.resume(id) { _ in true } }
                announce(id)
            }
        } onCancel: {
            eventLoop.execute { self.assumeIsolated { $0.waiters.fail(waiter, of: id, CancellationError()) } }
        }
    }
}
