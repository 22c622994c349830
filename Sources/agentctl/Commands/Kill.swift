// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

struct Kill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End agents at once, with everything in their jails.")

    @Option(name: [.short, .long], help: "Only send this signal, such as INT, to the main process and its group.")
    var signal: String?

    @OptionGroup var arguments: AgentArguments
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let signal = try signal.map { try Signal($0) }
        try await connection.withClient { client in
            _ = try await arguments.forEach { agent in
                if let signal {
                    _ = try await client.call(AgentSignal.self, .init(agent: agent, signal: signal))
                } else {
                    _ = try await client.call(AgentKill.self, .init(agent: agent))
                }
            }
        }
    }
}
