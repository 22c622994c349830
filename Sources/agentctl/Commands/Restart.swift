// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl restart`
struct Restart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run agents again.",
        discussion: "As they were started, or as their launcher says. Those that run are stopped first.")

    @OptionGroup var arguments: AgentArguments
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withClient { client in
            _ = try await arguments.forEach(on: client, doing: "restarting") {
                _ = try await client.call(AgentRestart.self, .init(agent: $0))
            }
        }
    }
}
