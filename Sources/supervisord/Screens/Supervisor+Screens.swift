// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Logging
import ScreenProtocol

/// What terminals show.
extension Supervisor {
    /// How long a model is kept that nobody uses.
    private static let patience = Duration.seconds(30)

    /// The screen of an agent, for a use of it. Fails with `invalid_state` for an agent without a terminal, and with
    /// `agent_not_found` for one that was removed meanwhile.
    func screen(of agent: AgentSnapshot) throws(ProtocolError) -> TerminalView {
        guard agents[agent.record.id] != nil else { throw .agentNotFound(AgentReference(agent.record.id)) }
        guard let screen = screens.screen(of: agent.record, in: agent.directory) else {
            throw .invalidState(
                agent.record.state,
                "agent \(agent.record.name) has no terminal, so there is no screen; agent/logs has its output")
        }
        try screen.requireProgram()
        watch(screen)
        return screen
    }

    private func watch(_ screen: TerminalView) {
        guard screen.needsWatch() else { return }
        begin { [logger] in
            do {
                try await screen.restWhenIdle(for: Self.patience)
            } catch is CancellationError {
            } catch {
                logger.warning("the screen of an agent cannot be kept: \(error)")
            }
        }
    }

    /// An agent has written more: what its terminal shows is kept from time to time.
    func keepScreen(_ id: AgentID) {
        guard let entry = agents[id],
            let screen = screens.due(entry.record, in: entry.directory, end: entry.output.latest.value.end)
        else { return }
        watch(screen)
        begin { [screens] in await screens.keep(screen, of: id) }
    }

    /// An agent's terminal has another size from now on. Nothing of the agent's waits until that is kept: a model can
    /// hang, and a disk be full.
    func noteSize(_ size: TerminalSize, of id: AgentID, at offset: UInt64) {
        guard let entry = agents[id], let screen = screens.screen(of: entry.record, in: entry.directory) else { return }
        screen.note(.init(clamping: size), at: offset)
        begin { [logger] in
            do {
                try await screen.keepSizes()
            } catch is CancellationError {
            } catch {
                logger.warning("the size of the terminal of agent \(entry.record.name) cannot be kept: \(error)")
            }
        }
    }
}
