// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl rm`
struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Forget agents that have ended, with their output.",
        discussion: """
            What they changed in overlays and nobody has applied is gone, too.

              agentctl rm $(agentctl list --state exited --quiet)
            """,
        aliases: ["remove"])

    @Flag(name: [.short, .long], help: "End those that still run.")
    var force = false

    @OptionGroup var arguments: AgentArguments
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withClient { client in
            _ = try await arguments.forEach(on: client, doing: "removing") { [force] agent in
                do {
                    _ = try await client.call(AgentRemove.self, .init(agent: agent, force: force ? true : nil))
                } catch let error as ProtocolError where error.kind == .invalidState {
                    throw Failure(error.message, hint: "stop it first, or remove it with --force")
                }
            }
        }
    }
}
