// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import NIOPosix
import Synchronization

/// Where trees that agents have made are worked on, which may take minutes: nothing else waits for that.
final class TreeThreads: Sendable {
    private let changes = NIOThreadPool(numberOfThreads: 2)
    private let removals = NIOThreadPool(numberOfThreads: 4)
    private let owners = Mutex<[UInt32: Turnstile]>([:])
    private let ended = Mutex(false)

    init() {
        changes.start()
        removals.start()
    }

    /// Whether nobody is there any more to be answered.
    var hasEnded: Bool { ended.withLock { $0 } }

    /// Waits for `jail changes`.
    func change<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await changes.runIfActive(body)
    }

    /// Removes what agents have made, one at a time of each owner's, so that nobody's have all threads.
    func remove(for owner: UInt32, _ body: @escaping @Sendable () throws -> Void) async throws {
        let turnstile = owners.withLock { owners in
            let known = owners[owner] ?? Turnstile(places: 1)
            owners[owner] = known
            return known
        }
        try await turnstile.pass { try await removals.runIfActive(body) }
    }

    /// Changes that are under way come to their end by themselves, unheard; removals are left to the next daemon.
    func end() async {
        ended.withLock { $0 = true }
        try? await changes.shutdownGracefully()
        try? await removals.shutdownGracefully()
    }
}
