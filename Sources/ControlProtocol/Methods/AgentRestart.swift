// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/restart`: runs an agent again, with its output going on where it ended; one that runs is stopped first. Answered
/// once it runs again, or is queued.
public enum AgentRestart: Method {
    public static let name = "agent/restart"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [
        .invalidState, .profileInvalid, .jailFailed, .unsupportedHere, .draining, .cancelled,
    ]
    public typealias Params = AgentParams
    public typealias Result = Agent
}
