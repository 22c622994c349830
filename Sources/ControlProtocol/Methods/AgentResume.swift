// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/resume`: lets a paused agent go on.
package enum AgentResume: Method {
    package static let name = "agent/resume"
    package static let role = Role.operator
    package typealias Params = AgentParams
    package typealias Result = Agent
}
