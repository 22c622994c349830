// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `subscription/ended`: the last notification of a subscription.
public struct SubscriptionEnded: ServerNotification {
    public static let method = "subscription/ended"

    public var subscription: SubscriptionID
    public var reason: Reason

    /// Why it ended. Open: a client takes a word that it does not know for an end like any other.
    public struct Reason: RawRepresentable, WireValue, Hashable {
        public let rawValue: String

        public static var example: JSONValue { "eof" }

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The agent has ended and all its output has been sent.
        public static let eof = Reason(rawValue: "eof")
        /// The client asked for it with `agent/detach`.
        public static let detached = Reason(rawValue: "detached")
        /// The agent was removed.
        public static let removed = Reason(rawValue: "removed")
        /// The daemon ends; the agent does not.
        public static let shutdown = Reason(rawValue: "shutdown")
        /// The stored output could not be read.
        public static let failed = Reason(rawValue: "failed")
    }

    public init(subscription: SubscriptionID, reason: Reason) {
        self.subscription = subscription
        self.reason = reason
    }
}
