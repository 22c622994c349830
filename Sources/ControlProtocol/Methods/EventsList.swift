// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `events/list`: stored events, as many as fit one answer; `next` says where to go on.
public enum EventsList: Method {
    public static let name = "events/list"
    public static let role = Role.viewer

    public struct Params: Codable, Sendable, Hashable, BoundedMembers {
        public static let bounds = ["limit": Bounds(1)]

        /// Only events after this one; without it from the oldest that is kept on.
        public var since: UInt64?
        /// At most so many. The daemon may answer fewer.
        public var limit: Int?
        /// Only events of this agent, also of one that is gone, by its whole id.
        public var agent: AgentReference?

        public init(since: UInt64? = nil, limit: Int? = nil, agent: AgentReference? = nil) {
            self.since = since
            self.limit = limit
            self.agent = agent
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// In the order of their `seq`.
        public var events: [Event]
        /// What to ask for next with `since`; that of the newest event when there are no more.
        public var next: UInt64
        /// There may be more events after `next`.
        public var more: Bool

        public init(events: [Event], next: UInt64, more: Bool) {
            self.events = events
            self.next = next
            self.more = more
        }
    }

    public static func check(_ params: Params) throws(ProtocolError) {
        try Params.check([("limit", params.limit.map(Double.init))])
    }
}
