// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import ShimProtocol

/// What goes to a running agent.
extension Methods {
    static func input(_ params: AgentInput.Params, _ call: Call) async throws -> AgentInput.Result {
        let agent = try await call.find(params.agent).record
        try await call.supervisor.takeWriting(
            of: agent.id, from: call.connection.id, for: call.peer.identity, takesOver: params.takeOver == true)
        var rest = params.bytes(toTerminal: agent.terminal != nil)[...]
        var accepted = 0
        // The shim holds so much for an agent that does not read; a larger piece could never be taken whole.
        repeat {
            let piece = rest.prefix(ShimProtocol.inputBuffer)
            rest = rest.dropFirst(piece.count)
            let end = params.eof == true && rest.isEmpty
            let report = try await call.supervisor.ask(agent.id, .input(data: Data(piece), end: end))
            accepted += report.accepted ?? 0
            if report.accepted ?? 0 < piece.count {
                if accepted == 0, let refusal = report.refusal {
                    throw ProtocolError.invalidState(agent.state, "agent \(agent.name) takes no input: \(refusal)")
                }
                if accepted == 0 {
                    throw ProtocolError.limitReached(
                        "input", "agent \(agent.name) does not read its input; try again later")
                }
                break
            }
        } while !rest.isEmpty
        return AgentInput.Result(accepted: accepted)
    }

    static func resize(_ params: AgentResize.Params, _ call: Call) async throws -> Nothing {
        let id = try await call.find(params.agent).record.id
        try await call.supervisor.resize(id, to: params.size)
        return Nothing()
    }

    static func signal(_ params: AgentSignal.Params, _ call: Call) async throws -> Nothing {
        let id = try await call.find(params.agent).record.id
        try await call.supervisor.command(id, .signal(number: params.signal.number))
        return Nothing()
    }
}

extension Supervisor {
    /// Asks the shim of an agent that runs. Fails with `invalid_state` when the agent does not.
    func ask(_ id: AgentID, _ operation: ShimRequest.Operation) async throws -> ShimReport {
        guard let entry = agents[id] else { throw ProtocolError.agentNotFound(AgentReference(id)) }
        let state = entry.record.state
        guard [.running, .paused, .stopping].contains(state) else {
            throw ProtocolError.invalidState(state, "agent \(entry.record.name) does not run: it is \(state.rawValue)")
        }
        do {
            guard let shim = entry.shim else { throw ShimConnection.Closed() }
            return try await shim.request(operation)
        } catch is ShimConnection.Closed {
            // Between two attempts, or at the end of the last, of which the record may not be in yet.
            let now = agents[id]?.record.state ?? .exited
            throw ProtocolError.invalidState(
                now,
                "agent \(entry.record.name) cannot be asked at present: it is \(now.rawValue), and has ended or is about to"
            )
        }
    }

    /// The same for what is either done or refused.
    func command(_ id: AgentID, _ operation: ShimRequest.Operation) async throws {
        if let refusal = try await ask(id, operation).refusal {
            throw ProtocolError.invalidState(agents[id]?.record.state ?? .exited, refusal)
        }
    }
}

extension Supervisor {
    /// Pauses an agent, or lets it go on. One that is so already is left as it is.
    func pause(_ id: AgentID, _ pauses: Bool, by peer: PeerIdentity) async throws -> AgentRecord {
        guard let entry = agents[id] else { throw ProtocolError.agentNotFound(AgentReference(id)) }
        let record = entry.record
        if record.state == (pauses ? .paused : .running) { return record }
        guard record.state == (pauses ? .running : .paused) else {
            throw ProtocolError.invalidState(
                record.state,
                "agent \(record.name) is \(record.state.rawValue): only one that \(pauses ? "runs" : "is paused") can be "
                    + (pauses ? "paused" : "resumed"))
        }
        guard entry.shimVersion >= 3 else {
            throw ProtocolError.unsupportedHere(
                feature: AgentPause.name,
                "agent \(record.name) was started by an older supervisord, whose shim cannot pause it")
        }
        // The shim's word that it is so becomes the event, and this makes it this peer's.
        agents[id]?.pausing = peer
        try await command(id, pauses ? .pause : .resume)
        guard let now = agents[id]?.record else { throw ProtocolError.agentNotFound(AgentReference(id)) }
        return now
    }
}
