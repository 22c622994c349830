// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import JailPlan
import Linux
import Logging
import Profiles
import ShimProtocol

/// Starting agents.
extension Supervisor {
    /// Starts an agent and returns once it runs. What was begun goes on when the task is cancelled.
    ///
    /// - Parameter planned: called when what is left is to wait.
    func start(
        _ request: AgentStart.Params, by peer: Peer, planned: @Sendable () -> Void
    ) async throws -> AgentRecord {
        try refuseIfUnableToStart()
        try AgentPlanner.refuseUnsupported(request)
        let owner = owner(of: peer)
        let key = try request.requestKey.map { try RequestKey(uid: peer.identity.uid, key: $0, request: request) }
        if let key, let id = try agent(startedUnder: key) {
            planned()
            return try await started(id)
        }

        let id = ids.next(at: .now())
        let name = try request.name ?? generatedName(for: request, id)
        try checkIsFree(name, of: owner)
        let identity = configuration.identityPool?.free(besides: identitiesInUse)
        if let identity { reservedIdentities.insert(identity) }
        defer { if let identity { reservedIdentities.remove(identity) } }
        let directory = AgentDirectory(path: "\(settings.agentsDirectory)/\(id)")
        let plan = try await plan(request, id, name, owner: owner, identity, by: peer)
        var record = AgentRecord(id, name, owner: owner, plan, request, cgroup: cgroups?.path(of: id, attempt: 1))
        let kept = StartRecord(record, request, groups: peer.groups)
        try await lay(directory, kept)
        do {
            // Others may have come first meanwhile.
            if let key, let id = try agent(startedUnder: key) {
                discard(directory)
                planned()
                return try await started(id)
            }
            try checkIsFree(name, of: owner)
            try refuseIfUnableToStart()
            let isQueued = !hasRoom(for: id, of: owner)
            record.machine = AgentMachine(
                isQueued: isQueued, stopSignals: record.machine.stopSignals, restart: record.machine.restart)
            if isQueued {
                try refuseToQueueMore(of: owner)
                record.queuedAt = record.createdAt
                record.cgroup = nil
            }
            try insert(record, key: key, by: peer.identity)
        } catch {
            discard(directory)
            throw error
        }
        planned()
        agents[id] = Entry(
            record: record, directory: directory,
            output: Broadcast(OutputState(end: 0, isOpen: true, isRemoved: false)))
        if record.state == .queued {
            queue(id)
        } else {
            plans[id] = plan
            load.change { $0.running += 1 }
            begin { await self.launch(id) }
        }
        return try await started(id)
    }

    /// Whose a peer's agents are.
    nonisolated func owner(of peer: Peer) -> UInt32 { settings.mode == .user ? settings.uid : peer.identity.uid }

    /// Nobody is told of this agent. What is left should this fail goes at the daemon's next start.
    private func discard(_ directory: AgentDirectory) {
        begin { try? await self.blocking { try directory.remove() } }
    }

    private func refuseIfUnableToStart() throws(ProtocolError) {
        if isDraining || isEnding { throw .draining }
        guard !cannotStore else {
            throw .limitReached(
                "disk",
                "what has happened cannot be stored at present, so nothing new is started; make room on the disk")
        }
    }

    /// What waits takes room on the disk, which is everyone's.
    private func refuseToQueueMore(of owner: UInt32) throws(ProtocolError) {
        let limit = configuration.limits.queuedPerOwner
        guard agents.values.count(where: { $0.record.owner == owner && $0.record.state == .queued }) >= limit else {
            return
        }
        throw .limitReached("queued_per_owner", "\(limit) agents of this user wait already, as many as may")
    }

    /// Makes an agent's directory, with what it is started with in it.
    private func lay(_ directory: AgentDirectory, _ start: StartRecord) async throws {
        do {
            try await blocking {
                do {
                    try directory.create()
                    try directory.record(start)
                } catch {
                    try? directory.remove()
                    throw error
                }
            }
        } catch let error as SystemError where [ENOSPC, EDQUOT, EMFILE, ENFILE, EROFS].contains(error.errno) {
            throw ProtocolError.limitReached(
                error.errno == EMFILE || error.errno == ENFILE ? "files" : "disk",
                "the agent's directory cannot be made, so it is not started: \(error)")
        }
    }

    /// Runs an agent again, and returns once it runs, or is queued. One that runs is stopped before.
    ///
    /// - Parameter planned: called when what is left is to wait.
    func restart(
        _ id: AgentID, by peer: PeerIdentity, planned: @Sendable () -> Void
    ) async throws -> AgentRecord {
        guard let entry = agents[id], entry.removal == nil else {
            throw ProtocolError.agentNotFound(AgentReference(id))
        }
        try refuseIfUnableToStart()
        let kept = try await blocking { try entry.directory.start() }
        // It may have been removed meanwhile, or be about to be.
        guard let entry = agents[id], entry.removal == nil else {
            throw ProtocolError.agentNotFound(AgentReference(id))
        }
        guard let kept else {
            throw ProtocolError.unsupportedHere(
                feature: AgentRestart.name,
                "what agent \(entry.record.name) was started with has not been kept, as by older supervisords: it cannot be "
                    + "run again")
        }
        // What could not be started again is not stopped for it.
        _ = try await planAgain(entry.record, kept)
        guard agents[id] != nil, agents[id]?.removal == nil else {
            throw ProtocolError.agentNotFound(AgentReference(id))
        }
        planned()
        apply(.restart(grace: entry.record.grace), to: id, by: peer)
        try await wait(for: .runsAgain, of: id)
        return try outcome(of: id)
    }

    private func plan(
        _ request: AgentStart.Params, _ id: AgentID, _ name: AgentName, owner: UInt32, _ identity: UInt32?,
        by peer: Peer
    ) async throws -> Assembled {
        let planner = configuration.planner
        do {
            return try await blocking {
                try planner.plan(
                    request, id: id, name: name, owner: owner, outside: identity, by: peer.grant)
            }
        } catch let error as ProtocolError where error.data["path"] == "identity" {
            guard let pool = configuration.identityPool, identity == nil else { throw error }
            throw ProtocolError.limitReached(
                "identity_pool", "all \(pool.count) identities of the pool are in use: remove agents, or enlarge it")
        }
    }

    private var identitiesInUse: Set<UInt32> {
        reservedIdentities.union(agents.values.compactMap(\.record.outside))
    }

    private func insert(_ record: AgentRecord, key: RequestKey?, by peer: PeerIdentity) throws {
        let event = NewEvent(
            time: record.createdAt, type: .agentCreated, agent: record.id, owner: record.owner, peer: peer,
            data: [
                "name": .string(record.name.text), "launcher": .string(record.launcher),
                "profile": .string(record.profile), "workspace": record.workspace.map { .string($0) } ?? .null,
            ])
        do {
            // In the order in which things happened.
            storeBacklog()
            try store.forgetRequestKeys(now: record.createdAt)
            published(try store.insert(record, key: key, events: [event]))
            lifecycleCounts.add(event)
        } catch {
            logger.error("cannot store a new agent: \(error)")
            throw ProtocolError.limitReached("disk", "the agent cannot be stored, so it is not started: \(error)")
        }
    }

    /// Waits until the agent runs, and says so if it will not.
    private func started(_ id: AgentID) async throws -> AgentRecord {
        try await wait(for: .started, of: id)
        return try outcome(of: id)
    }

    private func outcome(of id: AgentID) throws -> AgentRecord {
        guard let record = agents[id]?.record else {
            throw ProtocolError.agentNotFound(AgentReference(id))
        }
        if let failure = record.failure {
            var error =
                failure.stage == JailPlan.WorkspaceBounds.stage
                ? ProtocolError.permissionDenied("\(failure)")
                : .jailFailed(stage: failure.stage, errno: failure.errno, hint: failure.hint, "\(failure)")
            error.data["agent"] = .string(id.text)
            throw error
        }
        return record
    }

    private func agent(startedUnder key: RequestKey) throws -> AgentID? {
        guard let earlier = try store.agent(startedUnder: key) else { return nil }
        guard earlier.digest == key.digest else {
            throw ProtocolError.invalidParams(
                path: "requestKey", reason: "was used before, for a request that says something else")
        }
        guard agents[earlier.id] != nil else {
            throw ProtocolError(
                .agentNotFound, "the agent that was started under this request key has been removed",
                data: ["agent": .string(earlier.id.text)])
        }
        return earlier.id
    }

    /// Others' names are not looked at: that one is taken would tell of an agent that is not to be seen.
    private func checkIsFree(_ name: AgentName, of owner: UInt32) throws(ProtocolError) {
        let isTaken = agents.values.contains { $0.record.name == name && $0.record.owner == owner }
        if isTaken { throw .nameTaken(name) }
    }

    /// The launcher's name and the end of the id, which is its random part.
    private func generatedName(for request: AgentStart.Params, _ id: AgentID) throws -> AgentName {
        try AgentName("\((request.launcher ?? "agent").prefix(48))-\(id.text.suffix(6).lowercased())")
    }
}

extension AgentRecord {
    /// A new agent's.
    fileprivate init(
        _ id: AgentID, _ name: AgentName, owner: UInt32, _ plan: Assembled, _ request: AgentStart.Params,
        cgroup: String?
    ) {
        var terminal: TerminalSize?
        if case .pty(let columns, let rows) = plan.plan.terminal {
            terminal = TerminalSize(columns: columns, rows: rows)
        }
        self.init(
            id: id, name: name, owner: owner, launcher: plan.launcherName, profile: plan.profileName,
            workspace: request.workspace, labels: request.labels ?? [:], grace: plan.grace, createdAt: .now(),
            cgroup: cgroup, outside: plan.plan.identity.outside?.uid, terminal: terminal,
            sizePolicy: request.sizePolicy ?? .writer,
            machine: AgentMachine(
                stopSignals: plan.stopSignals.compactMap { try? Signal($0).number }, restart: plan.restart),
            missing: plan.missing)
    }
}
