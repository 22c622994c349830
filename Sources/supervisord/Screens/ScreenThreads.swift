// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import NIOPosix
import ScreenProtocol
import Synchronization

/// Where models are fed and asked. That blocks for as long as a model takes, and those of hostile agents take as long as
/// they are waited for; so no user has all of the threads, and the end waits for no model.
final class ScreenThreads: Sendable {
    private static let count = 8
    private static let countPerUser = 2

    private struct Models {
        var hasEnded = false
        var running: [Running] = []
    }

    private struct Running { weak var process: ScreenProcess? }

    /// What one user's agents take of the threads.
    private struct User {
        let places = Turnstile(places: ScreenThreads.countPerUser)
        let background = Turnstile(places: 1)
    }

    private let pool = NIOThreadPool(numberOfThreads: ScreenThreads.count)
    private let users = Mutex<[UInt32: User]>([:])
    private let models = Mutex(Models())

    init() { pool.start() }

    /// Fails with `CancellationError` once the end has begun, also if `body` fails by it.
    func run<Value: Sendable>(
        for user: UInt32, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        do {
            return try await self.user(user).places.pass {
                if hasEnded { throw CancellationError() }
                return try await pool.runIfActive(body)
            }
        } catch {
            throw hasEnded ? CancellationError() : error
        }
    }

    private var hasEnded: Bool { models.withLock { $0.hasEnded } }

    /// What nobody waits for is done one at a time for each user.
    func inBackground(for user: UInt32, _ body: () async throws -> Void) async throws {
        try await self.user(user).background.pass(body)
    }

    /// A model, which ends with the threads. Blocks.
    func begin(_ program: String, size: ScreenSize) throws -> ScreenProcess {
        let process = try ScreenProcess(program, size: size)
        try models.withLock { models in
            if models.hasEnded { throw CancellationError() }
            models.running.removeAll { $0.process == nil }
            models.running.append(Running(process: process))
        }
        return process
    }

    /// All that is under way fails at once, and nothing more is done.
    func end() {
        let running = models.withLock { models in
            models.hasEnded = true
            return models.running
        }
        for model in running { model.process?.end() }
    }

    /// Returns once no thread is left.
    func join() async {
        end()
        try? await pool.shutdownGracefully()
    }

    private func user(_ number: UInt32) -> User {
        users.withLock { users in
            if let known = users[number] { return known }
            let new = User()
            users[number] = new
            return new
        }
    }
}
