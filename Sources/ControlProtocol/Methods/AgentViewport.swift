// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/viewport`: the size of an attached viewer's own terminal. What it does to the agent's is the policy's to say
/// (`sizePolicy` of `agent/start`); that of a viewer who may not change the agent does nothing.
package enum AgentViewport: Method {
    package static let name = "agent/viewport"
    package static let role = Role.viewer
    package typealias Result = Nothing

    package struct Params: Codable, Sendable, Hashable {
        /// Of an `agent/attach` of this connection.
        package var subscription: SubscriptionID
        package var size: TerminalSize

        package init(subscription: SubscriptionID, size: TerminalSize) {
            self.subscription = subscription
            self.size = size
        }
    }
}
