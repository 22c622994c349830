// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/gap`: the bytes from `from` up to, not including, `to` are gone. The output goes on at `to`.
package struct AgentGap: ServerNotification {
    package static let method = "agent/gap"

    package var subscription: SubscriptionID
    package var agent: AgentID
    /// The offset of the first byte that is gone.
    package var from: UInt64
    /// The offset of the first byte that is there again.
    package var to: UInt64

    package init(subscription: SubscriptionID, agent: AgentID, from: UInt64, to: UInt64) {
        self.subscription = subscription
        self.agent = agent
        self.from = from
        self.to = to
    }
}
