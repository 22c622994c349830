// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Logging
import NIOCore

/// What is left of agents that have ended, and for how long.
extension Supervisor {
    /// How often ages are looked at.
    private static let interval = TimeAmount.seconds(60)

    func beginRetention() {
        for entry in agents.values where entry.record.state.isFinal {
            begin { await self.measureRemains(of: entry.record.id) }
        }
        retentionTimer = eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            self.assumeIsolated { supervisor in
                supervisor.enforceRetention()
                supervisor.forgetEvents()
            }
        }
    }

    /// Finds out what an ended agent takes on the disk.
    func measureRemains(of id: AgentID) async {
        guard let entry = agents[id] else { return }
        let remains = try? await blocking {
            (try DirectoryTree.size(entry.directory.path), entry.directory.holdsWork())
        }
        guard let remains, agents[id]?.record.state.isFinal == true else { return }
        agents[id]?.remains = (remains.0, remains.1)
        enforceRetention()
    }

    /// Removes what is not kept any longer.
    func enforceRetention() {
        guard isSettled, !isEnding else { return }
        let ended: [Retention.Ended] = agents.values.compactMap { entry in
            // One that is about to be removed, or whose size is not known yet, comes the next time.
            guard entry.record.state.isFinal, entry.removal == nil, let endedAt = entry.record.endedAt,
                let remains = entry.remains
            else { return nil }
            return .init(
                agent: entry.record.id, owner: entry.record.owner, endedAt: endedAt, bytes: remains.bytes,
                holdsWork: remains.holdsWork)
        }
        for id in configuration.retention.excess(of: ended, at: .now()) { beginRemoval(id, because: .retention) }
    }

    private func forgetEvents() {
        let before = Timestamp.now().nanoseconds - configuration.retention.eventAge.milliseconds * 1_000_000
        do {
            try store.forgetEvents(before: Timestamp(nanoseconds: before))
        } catch {
            logger.warning("cannot remove old events: \(error)")
        }
    }

    /// Of all ended agents: how many there are, and the bytes that they take.
    func retained() -> (agents: Int, bytes: UInt64) {
        let ended = agents.values.filter { $0.record.state.isFinal }
        return (ended.count, ended.reduce(0) { $0 + ($1.remains?.bytes ?? 0) })
    }
}
