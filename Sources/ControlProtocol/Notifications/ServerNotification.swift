// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What the daemon sends without being asked each time. The value is the notification's params.
package protocol ServerNotification: Codable, Sendable, Hashable {
    static var method: String { get }
    /// Which subscription it belongs to.
    var subscription: SubscriptionID { get }
}

/// Names a subscription within its connection.
package struct SubscriptionID: RawRepresentable, Codable, Sendable, Hashable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }
}
