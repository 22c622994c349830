// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List agents, also those that have ended.", aliases: ["ls", "ps"])

    @Flag(name: [.short, .long], help: "Also other users' agents, where you may see them.")
    var all = false

    @Option(help: "Only agents in this state; may be given more than once.")
    var state: [String] = []

    @Option(name: [.short, .long], help: ArgumentHelp("Only agents with this label.", valueName: "name=value"))
    var label: [String] = []

    @Flag(name: [.short, .long], help: "Names only.")
    var quiet = false

    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let states = try state.map { text in
            guard let state = AgentState(rawValue: text) else {
                let known = AgentState.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure.usage("there is no state \"\(text)\"; there are \(known)")
            }
            return state
        }
        let labels = try Pairs.read(label, option: "--label")
        let params = AgentList.Params(
            states: states.isEmpty ? nil : states, labels: labels.isEmpty ? nil : labels, all: all ? true : nil)
        let agents = try await connection.withClient { try await $0.agents(params) }
        if quiet { return try StandardOutput.write(agents.map { "\($0.name)\n" }.joined()) }
        switch output.format {
        case .json: try JSONOutput.write(agents, pretty: true)
        case .jsonl: for agent in agents { try JSONOutput.write(agent, pretty: false) }
        case .table: try StandardOutput.write(Self.table(agents, at: .now(), owners: all).text)
        }
    }

    static func table(_ agents: [Agent], at now: Timestamp, owners: Bool) -> Table {
        var table =
            owners
            ? Table("NAME", "STATE", "LAUNCHER", "OWNER", "ID", "WORKSPACE")
            : Table("NAME", "STATE", "LAUNCHER", "ID", "WORKSPACE")
        for agent in agents {
            let state = agent.stateText(at: now)
            if owners {
                table.add(agent.name.text, state, agent.launcher, agent.owner.user, agent.id.text, agent.workspace)
            } else {
                table.add(agent.name.text, state, agent.launcher, agent.id.text, agent.workspace)
            }
        }
        return table
    }
}
