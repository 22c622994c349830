// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl stop`
struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask agents to end, and end them when they do not.",
        discussion: """
            Each gets its launcher's stop signals, INT and then TERM unless that says otherwise, which share the grace; \
            what is left of it then is ended at once. Returns when they have ended.

              agentctl stop --grace 30s fix-tests
            """)

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("How long to wait before ending them, such as 10s.", valueName: "duration"))
    var grace: String?

    @OptionGroup var arguments: AgentArguments
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let grace = try grace.map { try WireDuration($0) }
        let running = RunningGrace()
        try await connection.withClient { client in
            _ = try await arguments.forEach(on: client, doing: "stopping", within: running) { agent in
                if let grace {
                    running.note(grace)
                } else if StatusLine.isPossible {
                    running.note(try await client.call(AgentGet.self, .init(agent: agent)).grace)
                }
                _ = try await client.call(AgentStop.self, .init(agent: agent, grace: grace))
            }
        }
    }
}
