// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl resize`
struct Resize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give an agent's terminal another size.",
        discussion: """
            It stays until somebody is attached who writes, or whose terminal's size changes: start the agent with \
            "--size-policy pinned" for one that nobody else changes.

              agentctl resize fix-tests 120x40
            """)

    @Argument(help: AgentArgument.help)
    var agent: AgentArgument

    @Argument(help: TerminalSize.help)
    var size: TerminalSize

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        _ = try await connection.withClient { client in
            try await client.call(AgentResize.self, .init(agent: agent.reference, size: size))
        }
    }
}
