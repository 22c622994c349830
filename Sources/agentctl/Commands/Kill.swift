// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl kill`
struct Kill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End agents at once, with everything in their jails.",
        discussion: "\"agentctl stop\" lets them end in order first.")

    @Option(name: [.short, .long], help: "Only send this signal, such as INT, to the main process and its group.")
    var signal: SignalArgument?

    @OptionGroup var arguments: AgentArguments
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withClient { client in
            _ = try await arguments.forEach(on: client, doing: "ending") { [signal] agent in
                if let signal {
                    _ = try await client.call(AgentSignal.self, .init(agent: agent, signal: signal.signal))
                } else {
                    _ = try await client.call(AgentKill.self, .init(agent: agent))
                }
            }
        }
    }
}
