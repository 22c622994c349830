// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `events/subscribe`: subscribes to events. After the answer comes an `event` for each.
public enum EventsSubscribe: Method {
    public static let name = "events/subscribe"
    public static let role = Role.viewer

    public struct Params: Codable, Sendable, Hashable {
        /// Start with the event after this one; without it with the next to happen.
        public var since: UInt64?
        /// Only events of these agents, at most 1000.
        public var agents: [AgentReference]?
        /// Only events of these types, at most 64.
        public var types: [EventType]?

        public init(since: UInt64? = nil, agents: [AgentReference]? = nil, types: [EventType]? = nil) {
            self.since = since
            self.agents = agents
            self.types = types
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        public var subscription: SubscriptionID
        /// Of the last event before the first that will be sent.
        public var seq: UInt64

        public init(subscription: SubscriptionID, seq: UInt64) {
            self.subscription = subscription
            self.seq = seq
        }
    }

    /// What a subscription waits for is kept as long as it lives.
    public static func check(_ params: Params) throws(ProtocolError) {
        if let agents = params.agents, agents.count > 1000 {
            throw .invalidParams(path: "agents", reason: "must be at most 1000")
        }
        if let types = params.types, types.count > 64 || types.contains(where: { $0.rawValue.utf8.count > 64 }) {
            throw .invalidParams(path: "types", reason: "must be at most 64, each of at most 64 bytes")
        }
    }
}
