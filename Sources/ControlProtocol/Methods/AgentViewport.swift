// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/viewport`: the size of an attached viewer's own terminal. What it does to the agent's is the policy's to say
/// (`sizePolicy` of `agent/start`); that of a viewer who may not change the agent does nothing.
public enum AgentViewport: Method {
    public static let name = "agent/viewport"
    public static let role = Role.viewer
    public typealias Result = Nothing

    public struct Params: Codable, Sendable, Hashable {
        /// Of an `agent/attach` of this connection.
        public var subscription: SubscriptionID
        public var size: TerminalSize

        public init(subscription: SubscriptionID, size: TerminalSize) {
            self.subscription = subscription
            self.size = size
        }
    }
}
