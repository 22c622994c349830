// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/snapshot`: bytes that put the viewer's terminal into the state of the agent's, after `agent/attach` with `since`
/// `"screen"`: in as many pieces as it takes, before any output. The output that follows goes on from `offset`.
package struct AgentScreenSnapshot: ServerNotification {
    package static let method = "agent/snapshot"

    package var subscription: SubscriptionID
    package var agent: AgentID
    /// Of the first byte of output that the bytes know nothing of.
    package var offset: UInt64
    /// Of the agent's terminal; one of another size shows it less well.
    package var size: TerminalSize
    package var dataBase64: Base64Bytes
    /// More of it follows.
    package var more: Bool

    /// How long a piece is at most, in bytes before base64.
    package static let maximumPiece = 96 * 1024

    package init(
        subscription: SubscriptionID, agent: AgentID, offset: UInt64, size: TerminalSize, dataBase64: Base64Bytes,
        more: Bool
    ) {
        self.subscription = subscription
        self.agent = agent
        self.offset = offset
        self.size = size
        self.dataBase64 = dataBase64
        self.more = more
    }
}
