// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/resume`: lets a paused agent go on.
public enum AgentResume: Method {
    public static let name = "agent/resume"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [.invalidState, .unsupportedHere]
    public typealias Params = AgentParams
    public typealias Result = Agent
}
