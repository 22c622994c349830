// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/get`: one agent.
package enum AgentGet: Method {
    package static let name = "agent/get"
    package typealias Params = AgentParams
    package typealias Result = Agent
}
