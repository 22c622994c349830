// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/wait`: answered when the agent's state is final, or with `timed_out`.
package enum AgentWait: Method {
    package static let name = "agent/wait"
    package static let role = Role.viewer
    package typealias Result = Agent

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        /// Without it there is none.
        package var timeout: WireDuration?

        package init(agent: AgentReference, timeout: WireDuration? = nil) {
            self.agent = agent
            self.timeout = timeout
        }
    }
}
