// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `event`: the next event that the subscription asked for.
public struct EventNotification: ServerNotification {
    public static let method = "event"

    public var subscription: SubscriptionID
    public var event: Event

    public init(subscription: SubscriptionID, event: Event) {
        self.subscription = subscription
        self.event = event
    }

    private enum CodingKeys: String, CodingKey {
        case subscription
    }

    public init(from decoder: any Decoder) throws {
        subscription = try decoder.container(keyedBy: CodingKeys.self).decode(
            SubscriptionID.self, forKey: .subscription)
        event = try Event(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(subscription, forKey: .subscription)
        try event.encode(to: encoder)
    }
}
