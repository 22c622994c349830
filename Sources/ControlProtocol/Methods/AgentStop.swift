// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/stop`: the launcher's stop signals (INT, then TERM), each with a share of the grace, then everything in the
/// jail at once. Answered when the agent has ended.
package enum AgentStop: Method {
    package static let name = "agent/stop"
    package static let role = Role.operator
    package typealias Result = Agent

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        /// Without it the agent's own.
        package var grace: WireDuration?

        package init(agent: AgentReference, grace: WireDuration? = nil) {
            self.agent = agent
            self.grace = grace
        }
    }
}
