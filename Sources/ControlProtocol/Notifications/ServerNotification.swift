// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What the daemon sends without being asked each time. The value is the notification's params.
public protocol ServerNotification: Codable, Sendable, Hashable {
    static var method: String { get }
    /// Which subscription it belongs to.
    var subscription: SubscriptionID { get }
}

/// Every notification that this version knows.
public enum ServerNotifications {
    public static let all: [any ServerNotification.Type] = [
        AgentScreenSnapshot.self, AgentOutput.self, AgentGap.self, AgentWriter.self, EventNotification.self,
        SubscriptionEnded.self,
    ]
}

/// Names a subscription within its connection.
public struct SubscriptionID: RawRepresentable, WireValue, Hashable {
    public let rawValue: String

    public static var example: JSONValue { "s1" }

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
