// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Synchronization

/// Lets so many tasks through at a time, the rest in the order in which they came.
final class Turnstile: Sendable {
    private struct State {
        var places: Int
        var free: Int
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        var lastTicket: UInt64 = 0
    }

    private let state: Mutex<State>

    init(places: Int) {
        state = Mutex(State(places: places, free: places))
    }

    /// How many are in it or wait to be.
    var occupants: Int { state.withLock { $0.places - $0.free + $0.waiting.count } }

    /// Runs `body` in its turn. Fails with `CancellationError` when the task is cancelled before that.
    func pass<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
    ) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await body()
    }

    /// A place for as long as the permit is not released, in turn.
    func permit() async throws -> Permit {
        try await enter()
        return Permit(self)
    }

    /// A place in a turnstile, which is released once, however often that is said.
    final class Permit: Sendable {
        private let turnstile: Turnstile
        private let isHeld = Atomic(true)

        fileprivate init(_ turnstile: Turnstile) { self.turnstile = turnstile }

        func release() {
            if isHeld.exchange(false, ordering: .relaxed) { turnstile.leave() }
        }
    }

    private func enter() async throws {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    guard state.free == 0 else {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let waiting = state.withLock { state -> (ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)? in
                state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0) }
            }
            waiting?.continuation.resume(returning: false)
        }
        guard isIn else { throw CancellationError() }
    }

    private func leave() {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst().continuation }
            state.free += 1
            return nil
        }
        next?.resume(returning: true)
    }
}
