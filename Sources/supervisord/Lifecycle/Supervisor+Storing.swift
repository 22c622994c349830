// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Logging
import NIOCore

/// Storing what happens.
extension Supervisor {
    struct Backlog {
        /// What is to be stored, in order.
        var changes: [StoredChange] = []
        /// It is about to be.
        var isDue = false
        /// It could not be, and is tried again then: a full disk does not stay full.
        var retry: Scheduled<Void>?
        /// Agents that are to be started as soon as it is stored that they are.
        var postponed: Set<AgentID> = []
    }

    /// Stores something that has happened: soon, together with what else happens meanwhile, so that a hundred agents that
    /// end at once wait for the disk once. On a full disk, when there is room: that must not keep an agent from being
    /// stopped. Should the daemon end before that, the next one finds the agents' states out again.
    func remember(_ change: StoredChange) {
        backlog.changes.append(change)
        guard !backlog.isDue else { return }
        backlog.isDue = true
        eventLoop.execute {
            self.assumeIsolated { supervisor in
                guard supervisor.backlog.isDue, !supervisor.cannotStore else { return }
                supervisor.storeBacklog()
            }
        }
    }

    /// What has happened cannot be stored at present.
    var cannotStore: Bool { backlog.retry != nil }
    var unstored: Int { cannotStore ? backlog.changes.count : 0 }

    /// Stores all of it now.
    func storeBacklog() {
        backlog.isDue = false
        guard !backlog.changes.isEmpty else { return }
        do {
            published(try store.commit(backlog.changes))
            backlog.changes = []
            guard let retry = backlog.retry else { return }
            retry.cancel()
            backlog.retry = nil
            eventLoop.execute { self.assumeIsolated { $0.goOn() } }
        } catch {
            logger.critical("cannot store what has happened, and tries again: \(error)")
            backlog.retry?.cancel()
            backlog.retry = eventLoop.scheduleTask(in: .seconds(5)) {
                self.assumeIsolated { supervisor in
                    supervisor.storeBacklog()
                }
            }
        }
    }

    /// There is room on the disk again.
    private func goOn() {
        for id in backlog.postponed { begin { await self.launch(id) } }
        backlog.postponed = []
        admit()
    }

    /// Lets subscribers know of events up to this one.
    func published(_ seq: UInt64) {
        newestEvent.change { $0 = seq }
    }

    /// Appends an event that changes no agent's state.
    func note(
        _ type: EventType, _ agent: AgentRecord? = nil, by peer: PeerIdentity? = nil,
        saying data: [String: JSONValue] = [:]
    ) {
        let event = NewEvent(
            time: .now(), type: type, agent: agent?.id, owner: agent?.owner, peer: peer, data: data)
        remember(StoredChange(events: [event]))
    }
}
