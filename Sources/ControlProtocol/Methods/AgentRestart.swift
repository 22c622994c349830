// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/restart`: runs an agent again, with its output going on where it ended; one that runs is stopped first. Answered
/// once it runs again, or is queued.
package enum AgentRestart: Method {
    package static let name = "agent/restart"
    package static let role = Role.operator
    package typealias Params = AgentParams
    package typealias Result = Agent
}
