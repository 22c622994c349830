// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Logging
import NIOCore

/// Who runs, where only so many agents may at once.
extension Supervisor {
    /// An agent waits for room to run in; it may be there already.
    func queue(_ id: AgentID) {
        let last = agents.values.compactMap(\.record.queuedAt).max() ?? Timestamp(nanoseconds: 0)
        // Never before those that have waited longer, also when the clock was set back.
        let now = max(.now(), Timestamp(nanoseconds: last.nanoseconds + 1))
        amend(id) { $0.queuedAt = now }
        admit()
        guard let record = agents[id]?.record, record.state == .queued else { return }
        note(.agentQueued, record)
    }

    /// Starts those that wait and have room to run in.
    func admit() {
        guard isSettled, !isDraining, !isEnding, !cannotStore else { return }
        let (order, admitted) = queued()
        guard admitted > 0, hasRoomOnDisk() else { return }
        for id in order.prefix(admitted) {
            apply(.admitted, to: id) { record in
                record.queuedAt = nil
                record.exit = nil
                record.failure = nil
                record.endedAt = nil
                record.pid = nil
                record.shim = nil
                record.initProcess = record.initProcess.flatMap { $0.isAlive ? $0 : nil }
                record.usage = nil
                record.cgroup = cgroups?.path(of: record.id, attempt: record.machine.progress.attempt)
            }
            agents[id]?.remains = nil
            agents[id]?.output.change { $0.isOpen = true }
        }
    }

    /// What waits is not used up as failed starts on a full disk; it is looked at again soon.
    private func hasRoomOnDisk() -> Bool {
        var status = statvfs()
        guard statvfs(settings.stateDirectory, &status) == 0 else { return true }
        if UInt64(status.f_bavail) * UInt64(status.f_frsize) >= 1 << 20 { return true }
        eventLoop.scheduleTask(in: .seconds(5)) { self.assumeIsolated { $0.admit() } }
        return false
    }

    /// Whether an agent that came now could run at once.
    func hasRoom(for agent: AgentID, of owner: UInt32) -> Bool {
        let candidate = Admission.Candidate(agent: agent, owner: owner, queuedAt: Timestamp(nanoseconds: .max))
        let (order, admitted) = queued(and: [candidate])
        return order.prefix(admitted).contains(agent)
    }

    /// The places of those that wait, from 1, among those that the peer may see: how many others wait is not to be told.
    func queuePositions(for peer: Peer) -> [AgentID: Int] {
        guard agents.values.contains(where: { $0.record.state == .queued }) else { return [:] }
        let visible = queued().order.filter { id in agents[id].map { peer.maySee(ownedBy: $0.record.owner) } ?? false }
        return Dictionary(uniqueKeysWithValues: visible.enumerated().map { ($1, $0 + 1) })
    }

    private func queued(and others: [Admission.Candidate] = []) -> (order: [AgentID], admitted: Int) {
        var waiting = others
        var running: [UInt32: Int] = [:]
        for entry in agents.values {
            let record = entry.record
            if record.state == .queued, entry.removal == nil {
                waiting.append(
                    .init(agent: record.id, owner: record.owner, queuedAt: record.queuedAt ?? record.createdAt))
            } else if record.machine.holdsPlace {
                running[record.owner, default: 0] += 1
            }
        }
        return waiting.isEmpty
            ? ([], 0) : Admission(limits: configuration.limits).order(waiting, running: running)
    }

    /// An agent has left its place.
    func placeIsFree() {
        admit()
        if isDraining, load.latest.value.running == 0 { note(.supervisorDrained) }
    }

    /// Begins to start nothing new, or to do so again.
    func drain(_ enabled: Bool, by peer: PeerIdentity) {
        guard isDraining != enabled else { return }
        load.change { $0.isDraining = enabled }
        note(enabled ? .supervisorDraining : .supervisorResumed, by: peer)
        if enabled, load.latest.value.running == 0 { note(.supervisorDrained) }
        admit()
    }

    /// For a person, in a line.
    var summary: String {
        let waiting = agents.values.count { $0.record.state == .queued || $0.record.state == .backoff }
        return "\(load.latest.value.running) agents run, \(waiting) wait, \(agents.count) in all"
            + (isDraining ? "; nothing new is started" : "")
    }

    /// Reads the configuration anew. Agents that run keep what they were started with.
    func reload(by peer: PeerIdentity? = nil) async throws {
        let read = readConfiguration
        // One after another, or an older file could be read last.
        try await reloads.pass { self.configuration = try await self.blocking { try read() } }
        clients.change(configuration.clients)
        await reviewGrants()
        note(.supervisorReloaded, by: peer)
        logger.info("the configuration has been read anew")
        admit()
        enforceRetention()
    }
}
