// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `event`: the next event that the subscription asked for.
package struct EventNotification: ServerNotification {
    package static let method = "event"

    package var subscription: SubscriptionID
    package var event: Event

    package init(subscription: SubscriptionID, event: Event) {
        self.subscription = subscription
        self.event = event
    }

    private enum CodingKeys: String, CodingKey {
        case subscription
    }

    package init(from decoder: any Decoder) throws {
        subscription = try decoder.container(keyedBy: CodingKeys.self).decode(
            SubscriptionID.self, forKey: .subscription)
        event = try Event(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(subscription, forKey: .subscription)
        try event.encode(to: encoder)
    }
}
