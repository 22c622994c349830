// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `events/list`: stored events, as many as fit one answer; `next` says where to go on.
package enum EventsList: Method {
    package static let name = "events/list"
    package static let role = Role.viewer

    package struct Params: Codable, Sendable, Hashable {
        /// Only events after this one; without it from the oldest that is kept on.
        package var since: UInt64?
        /// At most so many. The daemon may answer fewer.
        package var limit: Int?
        /// Only events of this agent, also of one that is gone, by its whole id.
        package var agent: AgentReference?

        package init(since: UInt64? = nil, limit: Int? = nil, agent: AgentReference? = nil) {
            self.since = since
            self.limit = limit
            self.agent = agent
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var events: [Event]
        /// What to ask for next with `since`; that of the newest event when there are no more.
        package var next: UInt64
        /// There may be more events after `next`.
        package var more: Bool

        package init(events: [Event], next: UInt64, more: Bool) {
            self.events = events
            self.next = next
            self.more = more
        }
    }

    package static func check(_ params: Params) throws(ProtocolError) {
        if let limit = params.limit, limit < 1 {
            throw .invalidParams(path: "limit", reason: "must be at least 1")
        }
    }
}
