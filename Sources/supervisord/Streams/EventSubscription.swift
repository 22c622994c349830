// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// One client's `events/subscribe`: a cursor over the stored events.
struct EventSubscription: Subscription {
    let id: SubscriptionID
    /// Of the last event that the client does not want.
    let since: UInt64
    /// Only events of these agents, or of all.
    let agents: Set<AgentID>?
    let types: Set<EventType>?
    let peer: Peer
    let store: Store
    let newest: Broadcast<UInt64>

    private static let page = 64

    func run(_ send: Sending) async throws -> SubscriptionEnded.Reason {
        var position = since
        while true {
            let (last, generation) = newest.latest
            guard position < last else {
                await newest.changed(since: generation)
                try Task.checkCancellation()
                continue
            }
            try await send {
                let page = try await store.events(after: position, limit: Self.page)
                position = page.last?.event.seq ?? last
                return try page.filter(isWanted).compactMap { $0.shown(to: peer) }.flatMap {
                    try DaemonLine.notification(EventNotification(subscription: id, event: $0))
                }
            }
        }
    }

    private func isWanted(_ stored: StoredEvent) -> Bool {
        if let types, !types.contains(stored.event.type) { return false }
        guard let agents else { return true }
        return stored.event.agent.map(agents.contains) ?? false
    }
}
