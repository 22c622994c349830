// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl usage`
struct Usage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what agents have used, also those that have ended.",
        discussion: """
            Of the last attempt. What nobody can measure is -: memory and processes take a cgroup. REFUSED names system \
            calls that the profile refused. "agentctl top" shows all agents, as they change.

              agentctl usage fix-tests --columns cpu,peak,ooms
            """)

    @OptionGroup var arguments: AgentArguments
    @OptionGroup var output: ListOptions<UsageListing>
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let rows = try await connection.withClient { client in
            try await arguments.forEach(on: client, doing: "asking about") { agent in
                NamedUsage(name: agent.text, usage: try await client.call(AgentUsage.self, .init(agent: agent)))
            }
        }
        switch output.shape.format {
        case .table: try output.writeTable(rows)
        case .json where rows.count == 1: try JSONOutput.write(rows[0].usage, pretty: true)
        case .json: try JSONOutput.write(rows.map(\.usage), pretty: true)
        case .jsonl: for row in rows { try JSONOutput.write(row.usage, pretty: false) }
        }
    }
}
