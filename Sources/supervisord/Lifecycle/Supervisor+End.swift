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
                beginRemoval(id, because: .request(by: peer))
            } else {
                guard force else {
                    throw ProtocolError.invalidState(
                        entry.record.state,
                        "agent \(entry.record.name) is \(entry.record.state.rawValue): stop it first, or use force")
                }
                agents[id]?.removal = .asked(.request(by: peer))
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

    /// Removes an agent that is to be removed, once it has ended; one that waits to be run ends here.
    func goOnRemoving(_ id: AgentID) {
        guard let entry = agents[id], case .asked(let cause) = entry.removal else { return }
        switch entry.record.state {
        case .queued, .backoff: apply(.kill, to: id)
        case let state where state.isFinal: beginRemoval(id, because: cause)
        default: break
        }
    }

    func beginRemoval(_ id: AgentID, because cause: Entry.Cause) {
        agents[id]?.removal = .underWay
        begin { await self.finishRemoval(id, because: cause) }
    }

    private func finishRemoval(_ id: AgentID, because cause: Entry.Cause) async {
        guard let entry = agents[id] else { return }
        do {
            // The files first: on a full disk there is no other way to make room for the database's own entry.
            try await trees.remove(for: entry.record.owner) { [trees] in
                try entry.directory.clearAside { !trees.hasEnded }
            }
            remember(
                StoredChange(
                    subject: .delete(id),
                    events: [
                        NewEvent(
                            time: .now(), type: .agentRemoved, agent: id, owner: entry.record.owner, peer: cause.peer,
                            data: ["name": .string(entry.record.name.text), "reason": .string(cause.word)])
                    ]))
            storeBacklog()
            // Until it is stored that the agent is gone, this is what says so.
            if !cannotStore { await removeAside(entry) }
            agents[id] = nil
            screens.forget(id)
            entry.output.change { $0.isRemoved = true }
        } catch is CancellationError {
            // The daemon ends, and the next one goes on.
        } catch let error as SystemError where error.errno == ECANCELED {
            // The same, of one that was under way.
        } catch {
            logger.error("cannot remove agent \(entry.record.name): \(error)")
            agents[id]?.removal = nil
        }
        waiters.resume(id) { $0 == .removed || agents[id] == nil }
    }
}

extension Supervisor {
    private func removeAside(_ entry: Entry) async {
        do {
            try await blocking { try entry.directory.removeAside() }
        } catch is CancellationError {
            // The daemon ends, and the next one does that.
        } catch {
            logger.error("what is left of agent \(entry.record.name) stays until the daemon's next start: \(error)")
        }
    }
}

extension Supervisor.Entry.Cause {
    fileprivate var peer: PeerIdentity? {
        if case .request(let peer) = self { peer } else { nil }
    }

    /// As the event has it.
    fileprivate var word: String {
        switch self {
        case .request: "request"
        case .retention: "retention"
        case .recovery: "recovery"
        }
    }
}
