// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what is known about agents.",
        discussion: """
              agentctl status fix-tests
              agentctl status fix-tests --format json | jq .exit
            """,
        aliases: ["show"])

    @OptionGroup var arguments: AgentArguments
    @OptionGroup var output: FormatOptions
    @OptionGroup var colour: ColourOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let agents = try await connection.withClient { client in
            try await arguments.forEach(on: client, doing: "asking about") {
                try await client.call(AgentGet.self, .init(agent: $0))
            }
        }
        switch output.format {
        case .json where agents.count == 1: try JSONOutput.write(agents[0], pretty: true)
        case .json: try JSONOutput.write(agents, pretty: true)
        case .jsonl: for agent in agents { try JSONOutput.write(agent, pretty: false) }
        case .table:
            let palette = colour.palette
            try StandardOutput.write(
                agents.map { Self.sheet($0, at: .now()).text(in: palette) }.joined(separator: "\n"))
        }
    }

    static func sheet(_ agent: Agent, at now: Timestamp) -> Sheet {
        var sheet = Sheet()
        func time(_ time: Timestamp?) -> String? { time.map { "\($0) (\($0.age(at: now)) ago)" } }
        sheet.add("Name", agent.name.text)
        sheet.add("Id", agent.id.text)
        let isToEnd = agent.desired == .stopped && !agent.state.isFinal
        sheet.add("State", agent.stateText(at: now) + (isToEnd ? ", to be stopped" : ""), agent.style)
        sheet.add("Launcher", agent.launcher)
        sheet.add("Profile", agent.profile)
        sheet.add("Workspace", agent.workspace)
        sheet.add("Owner", "\(agent.owner.user) (\(agent.owner.uid))")
        sheet.add("Process", agent.pid.map(String.init))
        sheet.add("Ready", agent.state == .running && !agent.ready ? "not yet" : nil)
        sheet.add("Queue", agent.queuePosition.map { "place \($0)" })
        sheet.add("Attempt", agent.attempt > 1 ? "\(agent.attempt), after \(agent.restarts) restarts" : nil)
        sheet.add("Next attempt", agent.nextAttemptAt.map { "\($0) (in \(now.age(at: $0)))" })
        sheet.add("Created", time(agent.createdAt))
        sheet.add("Started", time(agent.startedAt))
        sheet.add("Ended", time(agent.endedAt))
        sheet.add("Exit", agent.exit?.text)
        sheet.add("Failure", agent.failure, .bad)
        let past = (agent.exits ?? []).map { "\($0.attempt): \($0.exit?.text ?? $0.failure ?? "?")" }
        sheet.add("Last ends", past.count > 1 ? past.joined(separator: "; ") : nil)
        sheet.add("Output", "\(agent.output.end) bytes, stored from \(agent.output.start) on")
        sheet.add("Terminal", agent.terminal.map { "\($0.text) at first" })
        sheet.add("Session", agent.session)
        sheet.add("Labels", agent.labelText)
        sheet.add("Not isolated", agent.isolation.missing.joined(separator: ", "), .waiting)
        return sheet
    }
}
