// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Logging

/// Stopping, killing and removing agents.
extension Supervisor {
    /// Asks the agent to end, and returns once it has.
    func stop(_ id: AgentID, grace: Duration?, by peer: PeerIdentity) async throws -> AgentRecord {
        try await end(id, .stop(grace: grace ?? agents[id]?.record.grace ?? .seconds(10)), by: peer)
    }

    /// Ends everything in the jail, and returns once it has ended.
    func kill(_ id: AgentID, by peer: PeerIdentity) async throws -> AgentRecord {
        try await end(id, .kill, by: peer)
    }

    /// Returns once the attempt has ended that was under way, whatever somebody else has come of it then.
    private func end(
        _ id: AgentID, _ input: AgentMachine.Input, by peer: PeerIdentity
    ) async throws -> AgentRecord {
        let attempt = agents[id]?.record.machine.progress.attempt ?? 0
        apply(input, to: id, by: peer)
        try await wait(for: .over(attempt: attempt), of: id)
        guard let record = agents[id]?.record else { throw ProtocolError.agentNotFound(AgentReference(id)) }
        return record
    }

    /// Waits for the agent to end.
    func final(_ id: AgentID, atMost timeout: Duration? = nil) async throws -> AgentRecord {
        try await wait(for: .final, of: id, atMost: timeout)
        guard let record = agents[id]?.record else { throw ProtocolError.agentNotFound(AgentReference(id)) }
        return record
    }

    /// Forgets an agent, with its output; one that runs only with `force`, which kills it.
    func remove(_ id: AgentID, force: Bool, by peer: PeerIdentity) async throws {
        guard let entry = agents[id] else { return }
        if entry.removal == nil {
            if entry.record.state.isFinal {
                beginRemoval(id, by: peer)
            } else {
                guard force else {
                    throw ProtocolError.invalidState(
                        entry.record.state,
                        "agent \(entry.record.name) is \(entry.record.state.rawValue): stop it first, or use force")
                }
                agents[id]?.removal = .asked(by: peer)
                apply(.kill, to: id, by: peer)
            }
        }
        try await wait(for: .removed, of: id)
        // Still there: what is on disk could not be removed.
        if let entry = agents[id] {
            throw ProtocolError.internalError(
                "agent \(entry.record.name) could not be removed; the daemon's log says why")
        }
    }

    /// Nothing is left in it. Beside everything else: the kernel may take a moment to see that too.
    func removeCgroup(of record: AgentRecord) {
        guard let path = record.cgroup else { return }
        begin {
            do {
                try await self.blocking { try Cgroup.remove(path) }
            } catch {
                self.logger.error("agent \(record.name): \(error)")
            }
        }
    }

    func beginRemoval(_ id: AgentID, by peer: PeerIdentity?) {
        agents[id]?.removal = .underWay
        begin { await self.finishRemoval(id, by: peer) }
    }

    /// - Parameter peer: nil where it is not kept any longer (`Retention`).
    private func finishRemoval(_ id: AgentID, by peer: PeerIdentity?) async {
        guard let entry = agents[id] else { return }
        do {
            // The files first: on a full disk there is no other way to make room for the database's own entry.
            try await blocking { try entry.directory.remove() }
            remember(
                StoredChange(
                    subject: .delete(id),
                    events: [
                        NewEvent(
                            time: .now(), type: .agentRemoved, agent: id, owner: entry.record.owner, peer: peer,
                            data: [
                                "name": .string(entry.record.name.text),
                                "reason": .string(peer == nil ? "retention" : "request"),
                            ])
                    ]))
            storeBacklog()
            agents[id] = nil
            screens.forget(id)
            entry.output.change { $0.isRemoved = true }
        } catch {
            logger.error("cannot remove agent \(entry.record.name): \(error)")
            agents[id]?.removal = nil
        }
        waiters.resume(id) { $0 == .removed || agents[id] == nil }
    }
}
