// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/gap`: the bytes from `from` up to, not including, `to` are gone. The output goes on at `to`.
public struct AgentGap: ServerNotification {
    public static let method = "agent/gap"

    public var subscription: SubscriptionID
    public var agent: AgentID
    /// The offset of the first byte that is gone.
    public var from: UInt64
    /// The offset of the first byte that is there again.
    public var to: UInt64

    public init(subscription: SubscriptionID, agent: AgentID, from: UInt64, to: UInt64) {
        self.subscription = subscription
        self.agent = agent
        self.from = from
        self.to = to
    }
}
