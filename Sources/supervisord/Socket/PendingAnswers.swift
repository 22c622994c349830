// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Synchronization

/// The answers that one client waits for and may give up with `rpc.cancel`.
final class PendingAnswers: Sendable {
    /// One request that is in flight.
    final class Pending: Sendable {
        fileprivate let id: RequestID?
        private let isCancelled = Broadcast(false)

        fileprivate init(_ id: RequestID?) {
            self.id = id
        }

        fileprivate func cancel() {
            isCancelled.change { $0 = true }
        }

        /// Runs `body` until it is done, or fails with `cancelled` when the client gives the answer up. What `body`
        /// has begun elsewhere goes on.
        func untilCancelled<Value: Sendable>(
            _ body: @escaping @Sendable () async throws -> Value
        ) async throws -> Value {
            try await withThrowingTaskGroup(of: Value?.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await body() }
                group.addTask {
                    await self.isCancelled.until { $0 }
                    return nil
                }
                guard let first = try await group.next(), let value = first else { throw ProtocolError.cancelled }
                return value
            }
        }
    }

    private let pending = Mutex<[ObjectIdentifier: Pending]>([:])

    /// To be called in the order in which requests come, so that a request that follows can cancel this one.
    func add(_ id: RequestID?) -> Pending {
        let request = Pending(id)
        pending.withLock { $0[ObjectIdentifier(request)] = request }
        return request
    }

    func remove(_ request: Pending) {
        pending.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(request)) }
    }

    func cancel(_ id: RequestID) {
        let found = pending.withLock { $0.values.filter { $0.id == id } }
        for request in found { request.cancel() }
    }
}
