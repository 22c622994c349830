// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `subscription/ended`: the last notification of a subscription.
package struct SubscriptionEnded: ServerNotification {
    package static let method = "subscription/ended"

    package var subscription: SubscriptionID
    package var reason: Reason

    /// Why it ended. Open: a client takes a word that it does not know for an end like any other.
    package struct Reason: RawRepresentable, WireValue, Hashable {
        package let rawValue: String

        package static var example: JSONValue { "eof" }

        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The agent has ended and all its output has been sent.
        package static let eof = Reason(rawValue: "eof")
        /// The client asked for it with `agent/detach`.
        package static let detached = Reason(rawValue: "detached")
        /// The agent was removed.
        package static let removed = Reason(rawValue: "removed")
        /// The daemon ends; the agent does not.
        package static let shutdown = Reason(rawValue: "shutdown")
        /// The stored output could not be read.
        package static let failed = Reason(rawValue: "failed")
    }

    package init(subscription: SubscriptionID, reason: Reason) {
        self.subscription = subscription
        self.reason = reason
    }
}
