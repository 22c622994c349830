// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// The whole daemon, from its lock to its last word.
struct Daemon: Service, CustomStringConvertible {
    let settings: Settings
    let configuration: DaemonConfiguration
    /// Reads the configuration anew.
    let readConfiguration: @Sendable () throws -> DaemonConfiguration
    /// Where agents' cgroups are to be; nil for a daemon that makes none.
    var cgroups: CgroupTree?
    /// Why there are none.
    var cgroupAbsence: String?
    var manager = ServiceManager([:])
    let logger: Logger
    /// Called once clients can connect.
    let ready: @Sendable () -> Void

    var description: String { "supervisord" }

    /// Runs until it is told to shut down, or its task is cancelled. Agents run on.
    func run() async throws {
        // First of all: what follows is only for the one that has the lock.
        let lock = try StateLock.take(settings.stateDirectory, mode: settings.mode)
        defer { withExtendedLifetime(lock) {} }
        let store = try StateRecovery(settings: settings, logger: logger).open()
        let own = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let clients = MultiThreadedEventLoopGroup(numberOfThreads: max(1, min(4, System.coreCount)))
        let threads = NIOThreadPool(numberOfThreads: max(4, min(16, 2 * System.coreCount)))
        threads.start()
        let trees = TreeThreads()
        let screenThreads = ScreenThreads()

        let outcome: Result<Void, any Error>
        do {
            let supervisor = try Supervisor(
                settings: settings, store: store, configuration: configuration, readConfiguration: readConfiguration,
                cgroups: cgroups, cgroupAbsence: cgroupAbsence, eventLoop: own.next(), threads: threads,
                trees: trees,
                screens: Screens(program: settings.screen, threads: screenThreads, logger: logger), logger: logger)
            try await serve(supervisor, clients)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await trees.end()
        await screenThreads.join()
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
            var made: [ControlSocket] = []
            defer { for socket in made { socket.remove() } }
            for socket in ownSockets {
                let descriptor = try socket.listen()
                made.append(socket)
                let listener = try await Listener(
                    owning: descriptor, isReadOnly: socket.isReadOnly, supervisor, clients, logger)
                group.addTask { try await listener.run() }
            }
            for place in settings.activated {
                let listener = try await Listener(
                    owning: place.descriptor, isReadOnly: place.isReadOnly, supervisor, clients, logger)
                group.addTask { try await listener.run() }
            }
            ready()
            manager.ready(await supervisor.summary)
            group.addTask { await tellManager(of: supervisor) }
            group.addTask { await reloadOnSignal(supervisor) }
            group.addTask { try await gracefulShutdown() }
            // Ends with the shutdown, or when the listener fails.
            try await group.next()
            logger.info("shutting down; agents run on")
            manager.stopping()
            await supervisor.shutDown()
            await supervisor.clients.endSubscriptions()
        }
    }

    /// A control socket there always is: where none was handed over it is made.
    private var ownSockets: [ControlSocket] {
        let isControlled = settings.activated.contains { !$0.isReadOnly }
        return (isControlled ? [] : [ControlSocket(path: settings.socket, isReadOnly: false, mode: settings.mode)])
            + (settings.readOnlySocket.map { [ControlSocket(path: $0, isReadOnly: true, mode: settings.mode)] } ?? [])
    }

    /// Gives a sign of life twice in the time that the service manager waits for one, and says how many agents there
    /// are. Asked of the supervisor, whose loop does everything: one that hangs gives no sign.
    private func tellManager(of supervisor: Supervisor) async {
        let pause = manager.watchdog.map { Duration.microseconds($0 / 2) } ?? .seconds(30)
        var told = ""
        while !Task.isCancelled {
            let summary = await supervisor.summary
            if manager.watchdog != nil { manager.isAlive() }
            if summary != told, manager.show(summary) { told = summary }
            try? await Task.sleep(for: min(pause, .seconds(30)))
        }
    }

    private func reloadOnSignal(_ supervisor: Supervisor) async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            manager.reloading()
            do {
                try await supervisor.reload()
            } catch {
                logger.error("the configuration stays as it was: \(error)")
            }
            manager.ready(await supervisor.summary)
        }
    }
}
