// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl list`
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List your agents: those that have not ended, or all.",
        discussion: """
              agentctl list --all --label thread=42
              agentctl list --state failed --columns name,state,session
              agentctl stop $(agentctl list --quiet)
            """,
        aliases: ["ls", "ps"])

    @Flag(name: [.short, .long], help: "Also those that have ended.")
    var all = false

    @Flag(name: [.customShort("A"), .long], help: "Also other users' agents, where you may see them.")
    var allUsers = false

    @Option(
        name: [.short, .long], help: "Only agents in this state, ended or not; may be given more than once.",
        completion: .list(AgentState.allCases.map(\.rawValue)))
    var state: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Only agents with this label; may be given more than once.", valueName: "name=value"))
    var label: [String] = []

    @OptionGroup var output: ListOptions<AgentListing>
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let labels = try Pairs.read(label, option: "--label")
        var params = AgentList.Params(
            states: try states, labels: labels.isEmpty ? nil : labels, all: allUsers ? true : nil)
        let (agents, ended) = try await connection.withClient { client in
            let agents = try await client.agents(params)
            // A person who finds nothing may look for one that has ended.
            guard agents.isEmpty, !all, state.isEmpty, isForPerson else { return (agents, 0) }
            params.states = Self.states { $0.isFinal }
            return (agents, try await client.agents(params).count)
        }
        if ended > 0 {
            StandardError.write("agentctl: none runs; --all shows \(ended) ended \(ended == 1 ? "one" : "ones")")
        }
        try output.write(agents)
    }

    private var isForPerson: Bool { output.shape.format == .table && !output.quiet && StandardError.isTerminal }

    private var states: [AgentState]? {
        get throws {
            if state.isEmpty { return all ? nil : Self.states { !$0.isFinal } }
            return try state.map { text in
                guard let state = AgentState(rawValue: text) else {
                    let known = AgentState.allCases.map(\.rawValue)
                    throw Failure.usage("there is no state \"\(text)\"; there are \(known.joined(separator: ", "))")
                }
                return state
            }
        }
    }

    private static func states(where fits: (AgentState) -> Bool) -> [AgentState] { AgentState.allCases.filter(fits) }
}
