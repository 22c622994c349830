// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `events/subscribe`: subscribes to events. After the answer comes an `event` for each.
package enum EventsSubscribe: Method {
    package static let name = "events/subscribe"
    package static let role = Role.viewer

    package struct Params: Codable, Sendable, Hashable {
        /// Start with the event after this one; without it with the next to happen.
        package var since: UInt64?
        /// Only events of these agents.
        package var agents: [AgentReference]?
        /// Only events of these types.
        package var types: [EventType]?

        package init(since: UInt64? = nil, agents: [AgentReference]? = nil, types: [EventType]? = nil) {
            self.since = since
            self.agents = agents
            self.types = types
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var subscription: SubscriptionID
        /// Of the last event before the first that will be sent.
        package var seq: UInt64

        package init(subscription: SubscriptionID, seq: UInt64) {
            self.subscription = subscription
            self.seq = seq
        }
    }
}
