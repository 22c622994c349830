// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Synchronization

/// A value that many tasks follow: each sees the latest when it looks, and may have missed what came in between.
///
/// So a follower that is slow, or stopped, holds up nobody and has nothing stored for it.
final class Broadcast<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var generation: UInt64 = 1
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state: Mutex<State>

    init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    /// The latest value, and a number that grows with every change.
    var latest: (value: Value, generation: UInt64) {
        state.withLock { ($0.value, $0.generation) }
    }

    func change(_ change: (inout sending Value) -> Void) {
        let waiters = state.withLock { state in
            change(&state.value)
            state.generation += 1
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once the value has changed since `generation`, or when the task is cancelled.
    func changed(since generation: UInt64) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.generation != generation || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Returns once the value fulfils the condition, or when the task is cancelled.
    func until(_ condition: (Value) -> Bool) async {
        while !Task.isCancelled {
            let (value, generation) = latest
            if condition(value) { return }
            await changed(since: generation)
        }
    }
}
