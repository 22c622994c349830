// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/kill`: ends everything in the jail at once. Answered when the agent has ended.
public enum AgentKill: Method {
    public static let name = "agent/kill"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [.cancelled]
    public typealias Params = AgentParams
    public typealias Result = Agent
}
