// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/stop`: the launcher's stop signals (INT, then TERM), each with a share of the grace, then everything in the
/// jail at once. Answered when the agent has ended.
public enum AgentStop: Method {
    public static let name = "agent/stop"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [.cancelled]
    public typealias Result = Agent

    public struct Params: Codable, Sendable, Hashable {
        public var agent: AgentReference
        /// Without it the agent's own.
        public var grace: WireDuration?

        public init(agent: AgentReference, grace: WireDuration? = nil) {
            self.agent = agent
            self.grace = grace
        }
    }
}
