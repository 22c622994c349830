// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import ScriptedDaemon
import Synchronization

func sampleAgent(name: String = "worker") throws -> Agent {
    Agent(
        id: AgentID(value: 0x1234_5678 << 80), name: try AgentName(name), state: .running, desired: .running,
        ready: true,
        launcher: "command", profile: "shell", workspace: "/w", owner: .init(uid: 1000, user: "ada"), pid: 42,
        createdAt: Timestamp(nanoseconds: 0), startedAt: Timestamp(nanoseconds: 0))
}

/// One agent behind a scripted daemon: has written `output`, takes input, and ends when the test says so.
final class SampleDaemon: Sendable {
    struct State: Sendable {
        var agent: Agent
        var output: [UInt8]
        /// The subscriber, once there is one.
        var subscriber: ScriptedDaemon.Client?
        /// Who waits for the end.
        var waiting: [(RequestEnvelope, ScriptedDaemon.Client)] = []
        /// All that came with `agent/input`.
        var input: [UInt8] = []
        /// Of the viewer's terminal, with `agent/attach` and `agent/viewport`.
        var sizes: [TerminalSize] = []
        var writes = false
    }

    private let state: Mutex<State>
    static let subscription = SubscriptionID(rawValue: "s1")

    init(output: String = "") throws {
        state = Mutex(State(agent: try sampleAgent(), output: Array(output.utf8)))
    }

    func start() async throws -> ScriptedDaemon { try await ScriptedDaemon.start { try self.answer($0, $1) } }

    var input: [UInt8] { state.withLock { $0.input } }
    var sizes: [TerminalSize] { state.withLock { $0.sizes } }
    var isWritten: Bool { state.withLock { $0.writes } }
    var isAttached: Bool { state.withLock { $0.subscriber != nil } }

    /// The agent writes.
    func write(_ text: String) throws {
        try state.withLock { state in
            let offset = state.output.count
            state.output += Array(text.utf8)
            if let subscriber = state.subscriber { try Self.send(state, from: offset, to: subscriber) }
        }
    }

    /// The agent ends.
    func end(_ exit: AgentExit) throws {
        try state.withLock { state in
            state.agent.state = .exited
            state.agent.exit = exit
            state.agent.endedAt = Timestamp(nanoseconds: 1)
            try state.subscriber?.notify(SubscriptionEnded(subscription: Self.subscription, reason: .eof))
            for (request, client) in state.waiting { client.result(state.agent, to: request) }
            state.waiting = []
        }
    }

    private static func send(_ state: State, from offset: Int, to client: ScriptedDaemon.Client) throws {
        guard offset < state.output.count else { return }
        let chunk = OutputChunk(
            offset: UInt64(offset), stream: .tty, time: Timestamp(nanoseconds: 0),
            payload: .bytes(Array(state.output[offset...])))
        try client.notify(AgentOutput(subscription: subscription, agent: state.agent.id, chunk: chunk))
    }

    private func answer(_ request: RequestEnvelope, _ client: ScriptedDaemon.Client) throws {
        try state.withLock { state in
            func isOurs(_ reference: AgentReference) -> Bool {
                reference.text == state.agent.name.text || reference.text == state.agent.id.text
            }
            if let name = request.params?["agent"]?.text, let reference = try? AgentReference(name), !isOurs(reference)
            {
                return client.error(.agentNotFound(reference), to: request)
            }
            switch request.method {
            case AgentStart.name, AgentGet.name: client.result(state.agent, to: request)
            case AgentList.name: client.result(AgentList.Result(agents: [state.agent]), to: request)
            case AgentWait.name, AgentStop.name, AgentKill.name:
                if state.agent.state.isFinal {
                    client.result(state.agent, to: request)
                } else {
                    state.waiting.append((request, client))
                }
            case AgentInput.name:
                let params = try AgentInput.params(from: request.params)
                state.input += params.bytes
                client.result(AgentInput.Result(accepted: params.bytes.count), to: request)
            case AgentViewport.name:
                state.sizes.append(try AgentViewport.params(from: request.params).size)
                client.result(Nothing(), to: request)
            case AgentDetach.name:
                state.subscriber = nil
                client.result(Nothing(), to: request)
                try client.notify(SubscriptionEnded(subscription: Self.subscription, reason: .detached))
            case AgentLogs.name:
                // Ten bytes to the page, so that readers have to turn over.
                let params = try AgentLogs.params(from: request.params)
                var from = 0
                if case .offset(let offset) = params.since { from = Int(offset) }
                if let lines = params.tail?.lines {
                    let starts = state.output.indices.filter { $0 == 0 || state.output[$0 - 1] == UInt8(ascii: "\n") }
                    from = starts.suffix(lines).first ?? state.output.count
                }
                if let bytes = params.tail?.bytes { from = max(0, state.output.count - Int(bytes)) }
                var until = state.output.count
                if case .offset(let offset) = params.until { until = max(from, min(until, Int(offset))) }
                let bytes = Array(state.output[from..<until].prefix(10))
                let chunk = OutputChunk(
                    offset: UInt64(from), stream: .tty, time: Timestamp(nanoseconds: 0), payload: .bytes(bytes))
                client.result(
                    AgentLogs.Result(
                        chunks: bytes.isEmpty ? [] : [chunk], next: UInt64(from + bytes.count), start: 0,
                        end: UInt64(state.output.count), eof: false), to: request)
            case AgentAttach.name:
                let params = try AgentAttach.params(from: request.params)
                var from = 0
                if case .offset(let offset) = params.since { from = Int(offset) }
                state.subscriber = client
                state.writes = params.write == true
                if let size = params.size { state.sizes.append(size) }
                client.result(AgentAttach.Result(subscription: Self.subscription, offset: UInt64(from)), to: request)
                if params.since == .screen {
                    // All output is a snapshot, if only of a terminal that has just begun.
                    try client.notify(
                        AgentScreenSnapshot(
                            subscription: Self.subscription, agent: state.agent.id, offset: UInt64(state.output.count),
                            size: TerminalSize(columns: 80, rows: 24), dataBase64: Base64Bytes(state.output),
                            more: false))
                    from = state.output.count
                }
                try Self.send(state, from: from, to: client)
                if state.agent.state.isFinal {
                    try client.notify(SubscriptionEnded(subscription: Self.subscription, reason: .eof))
                }
            default: client.error(.methodNotFound(request.method), to: request)
            }
        }
    }
}
