// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/detach`: ends a subscription, whichever method began it. Its `subscription/ended` comes before the answer.
public enum AgentDetach: Method {
    public static let name = "agent/detach"
    public static let role = Role.viewer
    public typealias Result = Nothing

    public struct Params: Codable, Sendable, Hashable {
        public var subscription: SubscriptionID

        public init(subscription: SubscriptionID) {
            self.subscription = subscription
        }
    }
}
