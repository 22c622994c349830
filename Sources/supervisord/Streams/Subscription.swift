// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What a client has subscribed to. It is a reader with a place of its own, not a queue: nothing is kept for it.
protocol Subscription: Sendable {
    var id: SubscriptionID { get }
    /// Sends what there is and what comes, until there can be no more.
    func run(_ send: Sending) async throws -> SubscriptionEnded.Reason
}

/// Has the next piece of a stream made once the client has room for it, and sends it. An empty one is not sent.
struct Sending: Sendable {
    typealias Making = () async throws -> [UInt8]

    let body: @Sendable (Dispatch.Lane, Making) async throws -> Void

    func callAsFunction(_ make: Making) async throws { try await body(.bulky, make) }

    /// Of what can be kept waiting by an agent: its user's other connections do not wait with it.
    func screen(_ make: Making) async throws { try await body(.screen, make) }
}
