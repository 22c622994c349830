// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Glibc
import SupervisorClient
import Synchronization

/// The user's terminal and an agent's, joined until either goes.
struct AttachSession {
    let client: SupervisorClient
    let agent: Agent
    let terminal: RawTerminal
    let detachKeys: DetachKeys
    /// Nothing that is typed goes to the agent, and its terminal keeps its size.
    let isReadOnly: Bool
    /// Writes also where another does.
    let takesOver: Bool

    private var reference: AgentReference { AgentReference(agent.id) }

    /// Returns the agent's exit code. Detaching ends the process from within.
    func run() async throws -> Int32 {
        // Before anything is changed: it may be refused.
        let items = try await attach(takingOver: takesOver)
        let current = CurrentSubscription(items.id)

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
            terminal.restore(forGood: true)
            Signals.set(nil)
        }
        terminal.makeRaw()
        keyboard.start()

        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask { try await show(items, current, continuation) }
            group.addTask { try await send(keyboard.input) }
            group.addTask { try await pass(changes, current) }
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
        /// A part of what this subscription was to bring is missing on it.
        case gap(SubscriptionID)
    }

    private func pass(_ changes: AsyncStream<WindowChange>, _ current: CurrentSubscription) async throws -> Int32? {
        for await change in changes {
            switch change {
            case .resized:
                guard !isReadOnly, let size = RawTerminal.size else { continue }
                _ = try? await client.call(AgentViewport.self, .init(subscription: current.id, size: size))
            // Its end has it attached again, with all that is to be seen.
            case .shownAgain: _ = try? await client.call(AgentDetach.self, .init(subscription: current.id))
            // A second gap in it finds it ended.
            case .gap(let id): _ = try? await client.call(AgentDetach.self, .init(subscription: id))
            }
        }
        return nil
    }

    private func attach(takingOver: Bool) async throws -> Subscription<AttachItem> {
        do {
            return try await client.attach(
                .init(
                    agent: reference, since: .screen, write: isReadOnly ? nil : true, takeOver: takingOver ? true : nil,
                    size: isReadOnly ? nil : RawTerminal.size))
        } catch let error as ProtocolError where error.data["writer"] != nil {
            throw Failure(
                error.message,
                hint: "\"agentctl attach --take-over \(agent.name)\" takes over, with --read-only it watches")
        }
    }

    /// Called on the keyboard's thread, and ends the process there: nothing is left to do, and whatever else waits, for
    /// the daemon or for a terminal that takes no output, is not to keep anybody attached.
    private var detach: @Sendable () -> Void {
        { [terminal, name = agent.name] in
            terminal.restore(forGood: true)
            Signals.set(nil)
            StandardError.write("\n[detached from \(name), which goes on; \"agentctl attach \(name)\" comes back]")
            _exit(0)
        }
    }

    private func show(
        _ first: Subscription<AttachItem>, _ current: CurrentSubscription,
        _ changes: AsyncStream<WindowChange>.Continuation
    ) async throws -> Int32? {
        var items = first
        while true {
            attached: for try await item in items {
                switch item {
                case .output(let chunk): try terminal.write(chunk.payload.bytes)
                case .snapshot(let piece): try terminal.write(piece.dataBase64.bytes)
                // Not from here: the answer would come behind what this has not read yet.
                case .gap: changes.yield(.gap(items.id))
                case .taken(let writer):
                    throw Failure(
                        "\(writer.user) writes to \(agent.name) now (process \(writer.pid))",
                        hint: "\"agentctl attach --take-over \(agent.name)\" takes it back, with --read-only it watches"
                    )
                case .ended(.eof): return try await client.call(AgentWait.self, .init(agent: reference)).exitCode
                case .ended(.removed): throw Failure("\(agent.name) was removed", exitCode: .notFound)
                case .ended(.detached): break attached
                case .ended(.failed):
                    throw Failure(
                        "the daemon cannot show \(agent.name)'s terminal; \(agent.name) runs on",
                        hint: "its log says why")
                case .ended:
                    throw Failure(
                        "the daemon has ended; \(agent.name) runs on",
                        hint: "\"agentctl attach \(agent.name)\" attaches again once the daemon is back")
                }
            }
            items = try await attach(takingOver: false)
            current.id = items.id
        }
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
}

/// The subscription that the screen is of.
private final class CurrentSubscription: Sendable {
    private let state: Mutex<SubscriptionID>

    init(_ id: SubscriptionID) { state = Mutex(id) }

    var id: SubscriptionID {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
