// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/list`: the agents that the peer may see, oldest first, also those that have ended.
package enum AgentList: Method {
    package static let name = "agent/list"

    package struct Params: Codable, Sendable, Hashable {
        /// Only agents in one of these states.
        package var states: [AgentState]?
        /// Only agents that have all of these labels.
        package var labels: [String: String]?
        /// Also other users' agents, where the peer may see them; without it the peer's own.
        package var all: Bool?

        package init(states: [AgentState]? = nil, labels: [String: String]? = nil, all: Bool? = nil) {
            self.states = states
            self.labels = labels
            self.all = all
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var agents: [Agent]

        package init(agents: [Agent]) {
            self.agents = agents
        }
    }
}
