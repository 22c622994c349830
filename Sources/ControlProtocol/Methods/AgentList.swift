// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/list`: the agents that the peer may see, oldest first, also those that have ended: as many as
/// fit one answer; `next` says where to go on.
public enum AgentList: Method {
    public static let name = "agent/list"
    public static let role = Role.viewer

    public struct Params: Codable, Sendable, Hashable, BoundedMembers {
        public static let bounds = ["limit": Bounds(1)]

        /// Only agents in one of these states.
        public var states: [AgentState]?
        /// Only agents that have all of these labels.
        public var labels: [String: String]?
        /// Also other users' agents, where the peer may see them; without it the peer's own.
        public var all: Bool?
        /// Only agents after this one: `next` of the answer before.
        public var after: AgentID?
        /// At most so many.
        public var limit: Int?

        public init(
            states: [AgentState]? = nil, labels: [String: String]? = nil, all: Bool? = nil, after: AgentID? = nil,
            limit: Int? = nil
        ) {
            self.after = after
            self.limit = limit
            self.states = states
            self.labels = labels
            self.all = all
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// Oldest first.
        public var agents: [Agent]
        /// There are more: what to ask for with `after`.
        public var next: AgentID?

        public init(agents: [Agent], next: AgentID? = nil) {
            self.agents = agents
            self.next = next
        }
    }

    public static func check(_ params: Params) throws(ProtocolError) {
        try Params.check([("limit", params.limit.map(Double.init))])
    }
}
