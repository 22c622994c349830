// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Glibc
import SupervisorClient

/// The user's terminal and an agent's, joined until either goes.
struct AttachSession {
    let client: SupervisorClient
    let agent: Agent
    let terminal: RawTerminal
    let detachKeys: DetachKeys
    /// Nothing that is typed goes to the agent, and its terminal keeps its size.
    let isReadOnly: Bool

    private var reference: AgentReference { AgentReference(agent.id) }

    /// At most so much of the earlier output is shown, to give the eye a start.
    private static let history: UInt64 = 64 * 1024

    /// Returns the agent's exit code. Detaching ends the process from within.
    func run() async throws -> Int32 {
        // Before anything is changed: an agent without a terminal refuses a size.
        let size = RawTerminal.size
        if let size, !isReadOnly { try await redraw(size) }
        let items = try await client.attach(.init(agent: reference, since: try await start(size)))

        let (changes, continuation) = AsyncStream.makeStream(of: WindowChange.self)
        let keyboard = Keyboard(detachingBy: detachKeys, onDetach: detach)
        Signals.set(
            Signals.Hooks(
                release: { [terminal] in terminal.restore(forGood: false) },
                resume: { [terminal] in
                    terminal.makeRaw()
                    continuation.yield(.shownAgain)
                },
                resized: { continuation.yield(.resized) }))
        defer {
            Signals.set(nil)
            terminal.restore(forGood: true)
        }
        terminal.makeRaw()
        keyboard.start()

        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask { try await show(items) }
            group.addTask { try await send(keyboard.input) }
            group.addTask { try await pass(changes) }
            defer { group.cancelAll() }
            // Only the output's end brings a code; the other two may end before it.
            for try await case let code? in group { return code }
            throw CancellationError()
        }
    }

    private enum WindowChange {
        case resized
        /// After a suspension, when something else has been on the screen.
        case shownAgain
    }

    private func pass(_ changes: AsyncStream<WindowChange>) async throws -> Int32? {
        for await change in changes {
            guard !isReadOnly, let size = RawTerminal.size else { continue }
            try await tolerantly {
                switch change {
                case .resized: try await resize(size)
                case .shownAgain: try await redraw(size)
                }
            }
        }
        return nil
    }

    /// Called on the keyboard's thread, and ends the process there: nothing is left to do, and whatever else waits, for
    /// the daemon or for a terminal that takes no output, is not to keep anybody attached.
    private var detach: @Sendable () -> Void {
        { [terminal, name = agent.name] in
            Signals.set(nil)
            terminal.restore(forGood: true)
            StandardError.write("\n[detached from \(name), which goes on; \"agentctl attach \(name)\" comes back]")
            _exit(0)
        }
    }

    private func show(_ items: Subscription<AttachItem>) async throws -> Int32? {
        for try await item in items {
            switch item {
            case .output(let chunk): try terminal.write(chunk.payload.bytes)
            case .gap: break
            case .ended(.eof): return try await client.call(AgentWait.self, .init(agent: reference)).exitCode
            case .ended(.removed): throw Failure("\(agent.name) was removed", exitCode: .notFound)
            case .ended:
                throw Failure(
                    "the daemon has ended; \(agent.name) runs on",
                    hint: "\"agentctl attach \(agent.name)\" attaches again once the daemon is back")
            }
        }
        return nil
    }

    private func send(_ input: AsyncStream<[UInt8]>) async throws -> Int32? {
        let sender = InputSender(client: client, agent: reference)
        for await bytes in input where !isReadOnly { try await tolerantly { try await sender.send(bytes) } }
        // The terminal is gone without a signal; the agent stays.
        throw Failure("the terminal is gone; \(agent.name) runs on")
    }

    /// What an ending agent no longer takes is no failure: its output's end follows.
    private func tolerantly(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as ProtocolError where error.kind == .invalidState || error.kind == .agentNotFound {}
    }

    private func resize(_ size: TerminalSize) async throws {
        _ = try await client.call(AgentResize.self, .init(agent: reference, size: size))
    }

    /// Two sizes in a row, since a program redraws when its terminal's size has changed and not when it is told the same
    /// again.
    private func redraw(_ size: TerminalSize) async throws {
        let other = TerminalSize(columns: size.columns, rows: size.rows > 1 ? size.rows - 1 : size.rows + 1)
        try await resize(other)
        try await resize(size)
    }

    /// Where a screenful of the latest output starts.
    private func start(_ size: TerminalSize?) async throws -> AgentAttach.Start {
        let lines = Int(size?.rows ?? 24)
        let page = try await client.call(AgentLogs.self, .init(agent: reference, tail: .init(lines: lines), limit: 1))
        let earliest = page.end > Self.history ? page.end - Self.history : 0
        return .offset(max(page.chunks.first?.offset ?? page.next, earliest))
    }
}
