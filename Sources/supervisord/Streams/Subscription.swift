// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What a client has subscribed to. It is a reader with a place of its own, not a queue: nothing is kept for it.
protocol Subscription: Sendable {
    var id: SubscriptionID { get }
    /// Sends what there is and what comes, until there can be no more. `send` returns when the client has room again.
    func run(_ send: @Sendable ([UInt8]) async throws -> Void) async throws -> SubscriptionEnded.Reason
}
