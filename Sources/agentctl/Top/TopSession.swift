// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Glibc
import SupervisorClient
import Synchronization

/// `agentctl top` on a terminal, until a key, a failure or the number of readings ends it. One task reads from the daemon, one from the
/// keyboard, and one draws what both have come to.
final class TopSession: Sendable {
    private let address: DaemonAddress
    private let wanted: AgentList.Params
    /// How often it is read; nil for as often as one likes.
    private let iterations: Int?
    private let interval: WireDuration
    private let terminal: RawTerminal
    private let screen: Mutex<TopScreen>
    /// There is something to draw.
    private let (draws, draw) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// There is something to read: all of it when `isDue`, else last lines that have come into sight.
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let isDue = Atomic(true)

    init(
        address: DaemonAddress, wanted: AgentList.Params, order: TopOrder, columns: [TopColumn], palette: Palette,
        interval: WireDuration, iterations: Int?, terminal: RawTerminal
    ) {
        self.address = address
        self.wanted = wanted
        self.iterations = iterations
        self.interval = interval
        self.terminal = terminal
        screen = Mutex(
            TopScreen(order: order, size: Self.size, interval: interval, columns: columns, palette: palette))
    }

    private static var size: TerminalSize { RawTerminal.size ?? TerminalSize(columns: 80, rows: 24) }

    func run() async throws {
        let keyboard = Keyboard(onDetach: nil)
        Signals.set(
            Signals.Hooks(
                release: { [terminal] in terminal.restore(forGood: false) },
                resume: { [self] in open() },
                resized: { [self] in
                    screen.withLock { screen in
                        screen.size = Self.size
                        screen.scroll(by: 0)
                    }
                    changed()
                }))
        defer {
            terminal.restore(forGood: true)
            Signals.set(nil)
        }
        open()
        keyboard.start()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { try await self.watch() }
            group.addTask { await self.type(keyboard.input) }
            group.addTask { try await self.show() }
            group.addTask { try await self.tick() }
            defer { group.cancelAll() }
            for try await isOver in group where isOver { return }
        }
    }

    /// Takes the screen, at first and after a suspension.
    private func open() {
        terminal.makeRaw()
        // What cannot be written is said by what is drawn next.
        try? terminal.write(TopScreen.enter)
        draw.yield()
    }

    /// Something that may bring other rows into sight.
    private func changed() {
        draw.yield()
        wake.yield()
    }

    private func show() async throws -> Bool {
        for await _ in draws { try terminal.write(screen.withLock { $0.frame }) }
        return false
    }

    private func type(_ input: AsyncStream<[UInt8]>) async -> Bool {
        var keys = TopKeys()
        for await bytes in input {
            for key in keys.type(bytes) {
                if key == .quit { quit() }
                if screen.withLock({ $0.press(key) }) { changed() }
            }
        }
        // The terminal is gone.
        return true
    }

    /// Ends the process from within: a terminal that takes no output, or a daemon that does not answer, is not to keep
    /// anybody.
    private func quit() -> Never {
        terminal.restore(forGood: true)
        Signals.set(nil)
        _exit(0)
    }

    private func tick() async throws -> Bool {
        while true {
            isDue.store(true, ordering: .relaxed)
            wake.yield()
            try await Task.sleep(for: interval.duration)
        }
    }

    /// Reads, also from the next daemon when one goes.
    private func watch() async throws -> Bool {
        var meter = TopMeter()
        var readings = 0
        var patience = Patience(isKnown: false) { [self] text in
            screen.withLock { $0.notice = text }
            draw.yield()
        }
        while true {
            do {
                let client = try await address.connect()
                defer { client.close() }
                let sampler = TopSampler(client: client, wanted: wanted)
                for await _ in wakes {
                    if isDue.exchange(false, ordering: .relaxed) {
                        let rows = meter.rows(of: try await sampler.readings(), at: .now())
                        patience.met()
                        screen.withLock { $0.show(rows) }
                        draw.yield()
                        readings += 1
                    }
                    let stale = screen.withLock { $0.stale }
                    if !stale.isEmpty {
                        let lines = try await sampler.lastLines(of: stale)
                        screen.withLock { $0.show(lines) }
                        draw.yield()
                    }
                    // The first has no rates yet.
                    if let iterations, readings > iterations { return true }
                }
                return true
            } catch {
                isDue.store(true, ordering: .relaxed)
                try await patience.wait(after: error)
                wake.yield()
            }
        }
    }
}
