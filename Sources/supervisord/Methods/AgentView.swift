// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import OutputLog

/// An agent as it stands, with where its output is.
struct AgentSnapshot: Sendable {
    let record: AgentRecord
    let directory: AgentDirectory
    let output: Broadcast<OutputState>
    /// Its place among those that wait, from 1.
    var queuePosition: Int?

    /// The agent object. Blocks: it looks at the log's files and at the user database.
    func object(user: String) -> Agent {
        let end = output.latest.value.end
        let progress = record.machine.progress
        var agent = Agent(
            id: record.id, name: record.name, state: record.state, desired: record.machine.desired,
            ready: record.machine.progress.isReady, launcher: record.launcher, profile: record.profile,
            workspace: record.workspace, labels: record.labels,
            owner: .init(uid: record.owner, user: user), pid: record.pid,
            attempt: max(1, progress.attempt), restarts: progress.restarts, createdAt: record.createdAt,
            startedAt: record.startedAt, endedAt: record.endedAt, nextAttemptAt: record.nextAttemptAt,
            exit: record.exit, failure: record.failure.map { "\($0)" },
            exits: progress.ends.suffix(AgentMachine.Progress.shown).map {
                .init(attempt: $0.attempt, endedAt: $0.time, exit: $0.exit, failure: $0.message)
            },
            queuePosition: queuePosition, terminal: record.terminal,
            output: OutputRange(start: oldest(end: end), end: end), isolation: .init(missing: record.missing))
        agent.grace = WireDuration(milliseconds: record.grace.milliseconds)
        return agent
    }

    /// The oldest offset still stored. A log that cannot be read holds nothing. Blocks.
    func oldest(end: UInt64) -> UInt64 {
        var cursor = OutputLogReader(directory: directory.output).cursor(at: 0)
        switch try? cursor.next(limit: 1) {
        case .chunk(let chunk)?: return chunk.offset
        case .gap(_, let to)?: return min(to, end)
        case nil: return end
        }
    }
}

extension Supervisor {
    /// The agent that a reference means to this peer.
    func find(_ reference: AgentReference, for peer: Peer) throws(ProtocolError) -> AgentSnapshot {
        let visible = agents.values.filter { peer.maySee(ownedBy: $0.record.owner) }
        // Of two users' agents with one name, one's own is meant.
        let own = visible.filter { $0.record.owner == peer.identity.uid && $0.record.name.text == reference.text }
        let id = try reference.resolve(among: (own.isEmpty ? visible : own).map { ($0.record.id, $0.record.name) })
        guard let entry = agents[id] else { throw .agentNotFound(reference) }
        if entry.record.owner != peer.identity.uid {
            // What another user calls an agent must not stand in the way of one whose id was meant.
            let begun = visible.map(\.record.id).filter { $0 != id && reference.isBeginning(of: $0) }
            if !begun.isEmpty { throw .agentAmbiguous(reference, matches: [id] + begun) }
        }
        let position = entry.record.state == .queued ? queuePositions(for: peer)[id] : nil
        return AgentSnapshot(
            record: entry.record, directory: entry.directory, output: entry.output, queuePosition: position)
    }

    /// All agents that the peer may see, oldest first.
    func all(for peer: Peer) -> [AgentSnapshot] {
        let positions = queuePositions(for: peer)
        return agents.values.filter { peer.maySee(ownedBy: $0.record.owner) }
            .sorted { $0.record.id < $1.record.id }
            .map {
                AgentSnapshot(
                    record: $0.record, directory: $0.directory, output: $0.output,
                    queuePosition: positions[$0.record.id])
            }
    }

    /// Agent objects as they go out.
    nonisolated func objects(_ snapshots: [AgentSnapshot]) async throws -> [Agent] {
        try await blocking {
            var users: [UInt32: String] = [:]
            return snapshots.map { snapshot in
                let uid = snapshot.record.owner
                let user = users[uid] ?? Users.name(of: uid)
                users[uid] = user
                return snapshot.object(user: user)
            }
        }
    }
}

extension Call {
    /// The agent that a request names. Fails with `permission_denied` for one that the peer may see, and not do this to.
    func find(_ reference: AgentReference) async throws -> AgentSnapshot {
        let agent = try await supervisor.find(reference, for: peer)
        guard role == .viewer || peer.mayChange(ownedBy: agent.record.owner) else {
            throw ProtocolError.permissionDenied(
                "agent \(agent.record.name) is another user's, and only an administrator may change it")
        }
        return agent
    }

    func object(_ record: AgentRecord) async throws -> Agent {
        let snapshot = try await supervisor.find(AgentReference(record.id), for: peer)
        return try await supervisor.objects([snapshot])[0]
    }
}
