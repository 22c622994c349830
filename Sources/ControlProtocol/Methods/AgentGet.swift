// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/get`: one agent, with more of it if asked.
package enum AgentGet: Method {
    package static let name = "agent/get"
    package static let role = Role.viewer
    package typealias Result = Agent

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        /// What else is wanted of it.
        package var include: [Part]?

        package init(agent: AgentReference, include: [Part]? = nil) {
            self.agent = agent
            self.include = include
        }
    }

    package enum Part: String, Codable, Sendable {
        /// The agent object's `policy`: what it is confined by.
        case policy
    }
}
