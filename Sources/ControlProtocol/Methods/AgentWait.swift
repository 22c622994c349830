// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/wait`: answered when the agent's state is final, or with `timed_out`.
public enum AgentWait: Method {
    public static let name = "agent/wait"
    public static let role = Role.viewer
    public static let errors: [ProtocolError.Kind] = [.timedOut, .cancelled]
    public typealias Result = Agent

    public struct Params: Codable, Sendable, Hashable {
        public var agent: AgentReference
        /// Without it there is none.
        public var timeout: WireDuration?

        public init(agent: AgentReference, timeout: WireDuration? = nil) {
            self.agent = agent
            self.timeout = timeout
        }
    }
}
