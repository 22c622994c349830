// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Agents, as `agentctl list` shows them.
enum AgentListing: Listed {
    static let columns: [Column<Agent>] = [
        Column("name") { agent, _ in agent.name.text },
        Column("state", style: { $0.style }) { agent, now in agent.stateText(at: now) },
        Column("launcher") { agent, _ in agent.launcher },
        Column("profile", isUsual: false) { agent, _ in agent.profile },
        Column("owner", isUsual: false) { agent, _ in agent.owner.user },
        Column("id") { agent, _ in agent.id.text },
        Column("pid", isUsual: false) { agent, _ in agent.pid.map(String.init) },
        Column("restarts", isUsual: false) { agent, _ in "\(agent.restarts)" },
        Column("created", isUsual: false) { agent, now in "\(agent.createdAt.age(at: now)) ago" },
        Column("output", isUsual: false) { agent, _ in ShortNumber.bytes(Double(agent.output.end)) },
        Column("labels", isUsual: false) { agent, _ in agent.labelText },
        Column("missing", isUsual: false) { agent, _ in agent.isolation.missing.joined(separator: ",") },
        Column("session", isUsual: false) { agent, _ in agent.session },
        Column("workspace") { agent, _ in agent.workspace },
    ]

    static func id(of agent: Agent) -> String { agent.id.text }
}

extension Agent {
    /// `a=b, c=d`
    var labelText: String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }

    /// How it is doing.
    var style: Style? {
        guard state == .exited else { return state.style }
        return exit?.code == 0 || exit?.reason == .stopped || exit?.reason == .killed ? .faint : .bad
    }
}

extension AgentState {
    /// How an agent in it is doing, as far as that says it.
    var style: Style? {
        switch self {
        case .running: .good
        case .queued, .starting, .paused, .stopping, .backoff: .waiting
        case .failed: .bad
        case .exited: .faint
        }
    }
}
