// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/writer`: another has taken over the writing to an agent's terminal from this subscription, which goes on to
/// watch.
public struct AgentWriter: ServerNotification {
    public static let method = "agent/writer"

    public var subscription: SubscriptionID
    public var agent: AgentID
    /// Who has taken it over.
    public var writer: Writer

    /// A client, by the kernel's word.
    public struct Writer: Codable, Sendable, Hashable {
        /// The number of its user.
        public var uid: UInt32
        /// The name of its user, or the number for one without.
        public var user: String
        /// Its process.
        public var pid: Int32

        public init(uid: UInt32, user: String, pid: Int32) {
            self.uid = uid
            self.user = user
            self.pid = pid
        }
    }

    public init(subscription: SubscriptionID, agent: AgentID, writer: Writer) {
        self.subscription = subscription
        self.agent = agent
        self.writer = writer
    }
}
