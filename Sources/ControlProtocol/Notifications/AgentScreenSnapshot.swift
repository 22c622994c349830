// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/snapshot`: bytes that put the viewer's terminal into the state of the agent's, after `agent/attach` with `since`
/// `"screen"`: in as many pieces as it takes, before any output. The output that follows goes on from `offset`.
public struct AgentScreenSnapshot: ServerNotification {
    public static let method = "agent/snapshot"

    public var subscription: SubscriptionID
    public var agent: AgentID
    /// Of the first byte of output that the bytes know nothing of.
    public var offset: UInt64
    /// Of the agent's terminal; one of another size shows it less well.
    public var size: TerminalSize
    public var dataBase64: Base64Bytes
    /// More of it follows.
    public var more: Bool

    /// How long a piece is at most, in bytes before base64.
    public static let maximumPiece = 96 * 1024

    public init(
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
