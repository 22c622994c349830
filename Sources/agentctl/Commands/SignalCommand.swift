// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl signal`
struct SignalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal",
        abstract: "Send a signal to an agent's main process and its group.",
        discussion: """
            The agent may catch it. "agentctl stop" and "agentctl kill" end an agent for sure.

              agentctl signal fix-tests INT
            """)

    @Argument(help: AgentArgument.help)
    var agent: AgentArgument

    @Argument(help: "Its name or number: INT, SIGINT or 2.")
    var signal: SignalArgument

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        _ = try await connection.withClient { client in
            try await client.call(AgentSignal.self, .init(agent: agent.reference, signal: signal.signal))
        }
    }
}
