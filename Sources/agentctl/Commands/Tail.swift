// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol

/// `agentctl tail`
struct Tail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follow an agent's output from its last lines on.",
        discussion: "Until the agent has ended. The same as \"agentctl logs --lines 10 --follow\".")

    @Argument(help: AgentArgument.help)
    var agent: AgentArgument

    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("How many lines to begin with.", valueName: "number"))
    var lines = 10

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if lines < 0 { throw ValidationError("--lines takes 0 or more") }
    }

    func run() async throws {
        var sink = output.sink
        let next = try await connection.withClient { client in
            try await LogReader(agent: agent.reference, tail: .init(lines: lines)).show(from: client, into: &sink)
        }
        _ = try await OutputFollower(address: connection.address, agent: agent.reference).follow(
            from: next, into: &sink)
    }
}
