// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import NIOPosix
import Synchronization

/// Where `jail changes` is waited for: it may take minutes over what an agent has made, and nothing else waits for that.
final class OverlayThreads: Sendable {
    private let pool = NIOThreadPool(numberOfThreads: 2)
    private let ended = Mutex(false)

    init() { pool.start() }

    /// Whether nobody is there any more to be answered.
    var hasEnded: Bool { ended.withLock { $0 } }

    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await pool.runIfActive(body)
    }

    /// What is under way comes to its end by itself, unheard.
    func end() async {
        ended.withLock { $0 = true }
        try? await pool.shutdownGracefully()
    }
}
