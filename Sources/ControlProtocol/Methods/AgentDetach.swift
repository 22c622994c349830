// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/detach`: ends a subscription, whichever method began it. Its `subscription/ended` comes before the answer.
package enum AgentDetach: Method {
    package static let name = "agent/detach"
    package static let role = Role.viewer
    package typealias Result = Nothing

    package struct Params: Codable, Sendable, Hashable {
        package var subscription: SubscriptionID

        package init(subscription: SubscriptionID) {
            self.subscription = subscription
        }
    }
}
