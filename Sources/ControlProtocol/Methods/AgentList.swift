// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/list`: the agents that the peer may see, oldest first, also those that have ended: as many as
/// fit one answer; `next` says where to go on.
package enum AgentList: Method {
    package static let name = "agent/list"
    package static let role = Role.viewer

    package struct Params: Codable, Sendable, Hashable {
        /// Only agents in one of these states.
        package var states: [AgentState]?
        /// Only agents that have all of these labels.
        package var labels: [String: String]?
        /// Also other users' agents, where the peer may see them; without it the peer's own.
        package var all: Bool?
        /// Only agents after this one: `next` of the answer before.
        package var after: AgentID?
        /// At most so many.
        package var limit: Int?

        package init(
            states: [AgentState]? = nil, labels: [String: String]? = nil, all: Bool? = nil, after: AgentID? = nil,
            limit: Int? = nil
        ) {
            self.after = after
            self.limit = limit
            self.states = states
            self.labels = labels
            self.all = all
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var agents: [Agent]
        /// There are more: what to ask for with `after`.
        package var next: AgentID?

        package init(agents: [Agent], next: AgentID? = nil) {
            self.agents = agents
            self.next = next
        }
    }

    package static func check(_ params: Params) throws(ProtocolError) {
        if let limit = params.limit, limit < 1 {
            throw .invalidParams(path: "limit", reason: "must be at least 1")
        }
    }
}
