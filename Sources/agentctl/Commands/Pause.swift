// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl pause`
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have everything in agents' jails stand still.",
        discussion: "Until \"agentctl resume\"; their time limits stand still as well.")

    @OptionGroup var arguments: AgentArguments
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withClient { client in
            _ = try await arguments.forEach(on: client, doing: "pausing") {
                _ = try await client.call(AgentPause.self, .init(agent: $0))
            }
        }
    }
}

/// `agentctl resume`
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let paused agents go on.")

    @OptionGroup var arguments: AgentArguments
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withClient { client in
            _ = try await arguments.forEach(on: client, doing: "resuming") {
                _ = try await client.call(AgentResume.self, .init(agent: $0))
            }
        }
    }
}
