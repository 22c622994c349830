// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/writer`: another has taken over the writing to an agent's terminal from this subscription, which goes on to
/// watch.
package struct AgentWriter: ServerNotification {
    package static let method = "agent/writer"

    package var subscription: SubscriptionID
    package var agent: AgentID
    /// Who has taken it over.
    package var writer: Writer

    /// A client, by the kernel's word.
    package struct Writer: Codable, Sendable, Hashable {
        /// The number of its user.
        package var uid: UInt32
        /// The name of its user, or the number for one without.
        package var user: String
        /// Its process.
        package var pid: Int32

        package init(uid: UInt32, user: String, pid: Int32) {
            self.uid = uid
            self.user = user
            self.pid = pid
        }
    }

    package init(subscription: SubscriptionID, agent: AgentID, writer: Writer) {
        self.subscription = subscription
        self.agent = agent
        self.writer = writer
    }
}
