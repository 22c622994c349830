// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

struct Attach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Use an agent's terminal.",
        discussion: """
            Everything typed goes to the agent, ctrl-c and ctrl-z too. Detach with ctrl-] twice within half a second; \
            the agent goes on. Ends with the agent's exit code when the agent does.
            """)

    @Argument(help: "The agent.")
    var agent: AgentArgument

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        guard let terminal = RawTerminal(for: .agent) else {
            throw Failure(
                "attach needs a terminal for its input and output",
                hint: "use \"agentctl logs --follow\" and \"agentctl send\" instead")
        }
        let code = try await connection.withClient { client in
            let agent = try await client.call(AgentGet.self, .init(agent: agent.reference))
            guard !agent.state.isFinal else {
                throw Failure(
                    "\(agent.name) has ended: \(agent.stateText(at: .now()))",
                    hint: "\"agentctl logs \(agent.name)\" shows its output")
            }
            return try await AttachSession(client: client, agent: agent, terminal: terminal).run()
        }
        throw ExitCode(code)
    }
}
