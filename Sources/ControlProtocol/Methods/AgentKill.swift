// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/kill`: ends everything in the jail at once. Answered when the agent has ended.
package enum AgentKill: Method {
    package static let name = "agent/kill"
    package static let role = Role.operator
    package typealias Params = AgentParams
    package typealias Result = Agent
}
