// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/pause`: stops everything in the jail, until `agent/resume`. Its wall and idle clocks stand still meanwhile.
public enum AgentPause: Method {
    public static let name = "agent/pause"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [.invalidState, .unsupportedHere]
    public typealias Params = AgentParams
    public typealias Result = Agent
}
