// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Synchronization

/// The answers that one client waits for and may give up with `rpc.cancel`.
final class PendingAnswers: Sendable {
    private struct State {
        var pending: [UInt64: (request: RequestID, isCancelled: Broadcast<Bool>)] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Runs `body` until it is done, or fails with `cancelled` when the client gives the answer up. What `body` has
    /// begun elsewhere goes on.
    func run<Value: Sendable>(
        _ request: RequestID?, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let request else { return try await body() }
        let isCancelled = Broadcast(false)
        let key = state.withLock { state in
            state.last += 1
            state.pending[state.last] = (request, isCancelled)
            return state.last
        }
        defer { state.withLock { _ = $0.pending.removeValue(forKey: key) } }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask {
                await isCancelled.until { $0 }
                return nil
            }
            guard let first = try await group.next(), let value = first else { throw ProtocolError.cancelled }
            return value
        }
    }

    func cancel(_ request: RequestID) {
        let found = state.withLock { $0.pending.values.filter { $0.request == request }.map(\.isCancelled) }
        for isCancelled in found { isCancelled.change { $0 = true } }
    }
}
