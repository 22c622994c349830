// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The whole daemon, from its lock to its last word.
struct Daemon: Service, CustomStringConvertible {
    let settings: Settings
    let planner: AgentPlanner
    /// Where agents' cgroups are to be; nil for a daemon that makes none.
    var cgroups: CgroupTree?
    /// Why there are none.
    var cgroupAbsence: String?
    let logger: Logger
    /// Called once clients can connect.
    let ready: @Sendable () -> Void

    var description: String { "supervisord" }

    /// Runs until it is told to shut down, or its task is cancelled. Agents run on.
    func run() async throws {
        // First of all: what follows is only for the one that has the lock.
        let lock = try StateLock.take(settings.stateDirectory, mode: settings.mode)
        defer { withExtendedLifetime(lock) {} }
        let store = try Store(path: settings.database)
        let own = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let clients = MultiThreadedEventLoopGroup(numberOfThreads: max(1, min(4, System.coreCount)))
        let threads = NIOThreadPool(numberOfThreads: max(4, min(16, 2 * System.coreCount)))
        threads.start()
        let overlays = OverlayThreads()

        let outcome: Result<Void, any Error>
        do {
            let supervisor = try Supervisor(
                settings: settings, store: store, planner: planner, cgroups: cgroups, cgroupAbsence: cgroupAbsence,
                eventLoop: own.next(),
                threads: threads, overlays: overlays, logger: logger)
            try await serve(supervisor, clients)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await overlays.end()
        try? await threads.shutdownGracefully()
        try? await clients.shutdownGracefully()
        try? await own.shutdownGracefully()
        try outcome.get()
    }

    private func serve(_ supervisor: Supervisor, _ clients: MultiThreadedEventLoopGroup) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await supervisor.run() }
            await supervisor.adopt()
            let socket = ControlSocket(path: settings.socket, mode: settings.mode)
            let listener = try await Listener(owning: try socket.listen(), supervisor, clients, logger)
            defer { socket.remove() }
            group.addTask { try await listener.run() }
            ready()
            group.addTask { try await gracefulShutdown() }
            // Ends with the shutdown, or when the listener fails.
            try await group.next()
            logger.info("shutting down; agents run on")
            await supervisor.drain()
            await listener.endSubscriptions()
        }
    }
}
