// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/pause`: stops everything in the jail, until `agent/resume`. Its wall and idle clocks stand still meanwhile.
package enum AgentPause: Method {
    package static let name = "agent/pause"
    package static let role = Role.operator
    package typealias Params = AgentParams
    package typealias Result = Agent
}
