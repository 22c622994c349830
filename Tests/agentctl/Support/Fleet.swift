// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import ScriptedDaemon
import Synchronization

/// Many agents behind a scripted daemon, each of which uses half a processor and writes 100 bytes a reading.
final class Fleet: Sendable {
    struct State: Sendable {
        var agents: [Agent]
        /// Usage requests that wait for their answers, now and at most.
        var waiting = 0
        var mostWaiting = 0
        /// Agents that `agent/usage` was asked of.
        var asked: Set<String> = []
        /// Agents whose output was asked for.
        var read: Set<String> = []
        /// What usage and logs answer for some, by the agent's id.
        var errors: [String: ProtocolError] = [:]
        var lastLine: String = "line\n"
    }

    let state: Mutex<State>
    private let start = ContinuousClock.now

    init(_ count: Int) throws {
        let agents = try (0..<count).map { number in
            var agent = try sampleAgent(name: "agent-\(1000 + number)")
            agent.id = AgentID(value: UInt128(number + 1) << 80)
            agent.createdAt = .now()
            agent.startedAt = agent.createdAt
            return agent
        }
        state = Mutex(State(agents: agents))
    }

    func start() async throws -> ScriptedDaemon { try await ScriptedDaemon.start { try self.answer($0, $1) } }

    private func answer(_ request: RequestEnvelope, _ client: ScriptedDaemon.Client) throws {
        let name = request.params?["agent"]?.text ?? ""
        switch request.method {
        case AgentList.name:
            let agents = state.withLock { state in
                for index in state.agents.indices { state.agents[index].output.end += 100 }
                return state.agents
            }
            // As many as fit a line.
            client.result(AgentList.Result(agents: agents), to: request)
        case AgentUsage.name:
            let error = state.withLock { state in
                state.waiting += 1
                state.mostWaiting = max(state.mostWaiting, state.waiting)
                state.asked.insert(name)
                return state.errors[name]
            }
            let microseconds = Int64((ContinuousClock.now - start) / .microseconds(2))
            Task {
                try await Task.sleep(for: .milliseconds(1))
                state.withLock { $0.waiting -= 1 }
                if let error { return client.error(error, to: request) }
                client.result(
                    AgentUsage.Result(
                        cpu: .init(userMicroseconds: microseconds, systemMicroseconds: 0),
                        memory: .init(currentBytes: 100 << 20), pids: .init(current: 3)), to: request)
            }
        case AgentLogs.name:
            let (text, error) = state.withLock { state in
                state.read.insert(name)
                return (state.lastLine, state.errors[name])
            }
            if let error { return client.error(error, to: request) }
            let chunk = OutputChunk(offset: 0, stream: .tty, time: Timestamp(nanoseconds: 0), payload: .text(text))
            client.result(AgentLogs.Result(chunks: [chunk], next: 1, start: 0, end: 1, eof: false), to: request)
        default: client.error(.methodNotFound(request.method), to: request)
        }
    }
}
