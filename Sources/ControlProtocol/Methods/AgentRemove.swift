// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/remove`: forgets an agent that has ended, with its output. With `force` one that runs is killed first;
/// without, it is refused with `invalid_state`.
package enum AgentRemove: Method {
    package static let name = "agent/remove"
    package static let role = Role.operator
    package typealias Result = Nothing

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        package var force: Bool?

        package init(agent: AgentReference, force: Bool? = nil) {
            self.agent = agent
            self.force = force
        }
    }
}
