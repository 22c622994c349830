// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/get`: one agent, with more of it if asked.
public enum AgentGet: Method {
    public static let name = "agent/get"
    public static let role = Role.viewer
    public typealias Result = Agent

    public struct Params: Codable, Sendable, Hashable {
        public var agent: AgentReference
        /// What else is wanted of it.
        public var include: [Part]?

        public init(agent: AgentReference, include: [Part]? = nil) {
            self.agent = agent
            self.include = include
        }
    }

    /// A part of an agent that is answered only when asked for.
    public enum Part: String, Codable, Sendable, CaseIterable {
        /// The agent object's `policy`: what it is confined by.
        case policy
    }
}
