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
        guard let size = agent.record.terminal else {
            throw .invalidState(
                agent.record.state,
                "agent \(agent.record.name) has no terminal, so there is no screen; agent/logs has its output")
        }
        guard agents[agent.record.id] != nil else { throw .agentNotFound(AgentReference(agent.record.id)) }
        let screen = screens.screen(of: agent.record.id, in: agent.directory, size: size)
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
                screen.isNotWatched()
            }
        }
    }

    /// An agent has written more: what its terminal shows is kept from time to time.
    func keepScreen(_ id: AgentID) {
        guard let entry = agents[id], let size = entry.record.terminal,
            let screen = screens.due(id, in: entry.directory, size: size, end: entry.output.latest.value.end)
        else { return }
        watch(screen)
        begin { [screens] in await screens.keep(screen, of: id) }
    }

    /// An agent's terminal has another size from now on.
    func noteSize(_ size: TerminalSize, of id: AgentID, at offset: UInt64) async {
        guard let entry = agents[id], let first = entry.record.terminal else { return }
        let screen = screens.screen(of: id, in: entry.directory, size: first)
        screen.note(.init(clamping: size), at: offset)
        do {
            try await screen.keepSizes()
        } catch {
            logger.warning("the size of the terminal of agent \(entry.record.name) cannot be kept: \(error)")
        }
    }
}
