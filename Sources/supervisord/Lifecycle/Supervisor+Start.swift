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
    func start(_ request: AgentStart.Params, by peer: Peer) async throws -> AgentRecord {
        try refuseIfUnableToStart()
        try AgentPlanner.refuseUnsupported(request)
        let owner = settings.mode == .user ? settings.uid : peer.identity.uid
        let key = try request.requestKey.map { try RequestKey(uid: peer.identity.uid, key: $0, request: request) }
        if let key, let id = try agent(startedUnder: key) { return try await started(id) }

        let id = ids.next(at: .now())
        let name = try request.name ?? generatedName(for: request, id)
        try checkIsFree(name)
        let identity = configuration.identityPool?.free(besides: identitiesInUse)
        if let identity { reservedIdentities.insert(identity) }
        defer { if let identity { reservedIdentities.remove(identity) } }
        let directory = AgentDirectory(path: "\(settings.agentsDirectory)/\(id)")
        let plan = try await plan(request, id, name, owner: owner, identity, mayNameFiles: peer.isAdministrator)
        var record = AgentRecord(id, name, owner: owner, plan, request, cgroup: cgroups?.path(of: id, attempt: 1))
        let kept = StartRecord(record, request, mayNameFiles: peer.isAdministrator)
        try await lay(directory, kept)
        do {
            // Others may have come first meanwhile.
            if let key, let id = try agent(startedUnder: key) {
                begin { try? await self.blocking { try directory.remove() } }
                return try await started(id)
            }
            try checkIsFree(name)
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
            begin { try? await self.blocking { try directory.remove() } }
            throw error
        }
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
    func restart(_ id: AgentID, by peer: PeerIdentity) async throws -> AgentRecord {
        guard let entry = agents[id] else { throw ProtocolError.agentNotFound(AgentReference(id)) }
        if entry.removal != nil { throw ProtocolError.agentNotFound(AgentReference(id)) }
        try refuseIfUnableToStart()
        guard try await blocking({ try entry.directory.start() }) != nil else {
            throw ProtocolError.unsupportedHere(
                feature: AgentRestart.name,
                "agent \(entry.record.name) was started by an older supervisord, which has not kept what it takes to run it again"
            )
        }
        // It may have been removed meanwhile, or be about to be.
        guard let entry = agents[id], entry.removal == nil else {
            throw ProtocolError.agentNotFound(AgentReference(id))
        }
        apply(.restart(grace: entry.record.grace), to: id, by: peer)
        try await wait(for: .runsAgain, of: id)
        return try outcome(of: id)
    }

    private func plan(
        _ request: AgentStart.Params, _ id: AgentID, _ name: AgentName, owner: UInt32, _ identity: UInt32?,
        mayNameFiles: Bool
    ) async throws -> Assembled {
        let planner = configuration.planner
        do {
            return try await blocking {
                try planner.plan(
                    request, id: id, name: name, owner: owner, outside: identity, mayNameFiles: mayNameFiles)
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
            var error = ProtocolError.jailFailed(
                stage: failure.stage, errno: failure.errno, hint: failure.hint, "\(failure)")
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

    private func checkIsFree(_ name: AgentName) throws(ProtocolError) {
        if agents.values.contains(where: { $0.record.name == name }) { throw .nameTaken(name) }
    }

    /// The launcher's name and the end of the id, which is its random part.
    private func generatedName(for request: AgentStart.Params, _ id: AgentID) throws -> AgentName {
        try AgentName("\((request.launcher ?? "agent").prefix(48))-\(id.text.suffix(6).lowercased())")
    }

    /// Starts the attempt that an agent is at, and stays with it until it has ended.
    func launch(_ id: AgentID) async {
        guard let attempt = agents[id]?.record.machine.progress.attempt else { return }
        if await begin(id, attempt) { await follow(id, attempt: attempt) }
    }

    /// False when there is no shim to stay with.
    private func begin(_ id: AgentID, _ attempt: Int) async -> Bool {
        guard let entry = agents[id] else { return false }
        do {
            try await waitForTheEarlier(entry)
            let plan = try await presentPlan(of: entry)
            let shim = try await start(plan, entry, attempt)
            // A stop may have come before there was a shim to tell; it is told once the shim can be talked to.
            apply(.connected, to: id) { $0.shim = shim }
            return true
        } catch is CancellationError {
            // The daemon ends, and had not begun.
            return false
        } catch let error as JailFailure {
            fail(id, error, at: .now())
        } catch let error as ProtocolError {
            fail(id, JailFailure(stage: "plan", action: error.message), at: .now())
        } catch let error as SystemError {
            fail(
                id,
                JailFailure(
                    stage: "shim", action: "cannot \(error.operation) \(error.subject)", errno: Errno.name(error.errno),
                    reason: Errno.words(error.errno)), at: .now())
        } catch {
            fail(id, JailFailure(stage: "shim", action: "cannot start the agent's shim: \(error)"), at: .now())
        }
        return false
    }

    /// An agent never runs twice at a time: nothing of its earlier attempt is left when the next begins. The shim's lock
    /// says so of the shim; of a shim that was killed, its jail's first process, with which everything in it ends.
    private func waitForTheEarlier(_ entry: Entry) async throws {
        guard entry.record.machine.progress.attempt > 1 else { return }
        let first = entry.record.initProcess
        let end = Clock.boot() + 10_000
        while true {
            let isLeft = try await blocking { try entry.directory.hasShim() || first?.isAlive == true }
            if !isLeft { return }
            guard Clock.boot() < end else {
                throw JailFailure(
                    stage: "shim", action: "what is left of the agent's attempt before does not end",
                    errno: "EBUSY", reason: Errno.words(EBUSY), hint: "shim.log in \(entry.directory.path) may say why")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// As it was made for the request, or made again from what is kept of that: by the profile as it is now.
    private func presentPlan(of entry: Entry) async throws -> Assembled {
        if let plan = plans.removeValue(forKey: entry.record.id) { return plan }
        let (planner, record) = (configuration.planner, entry.record)
        return try await blocking {
            guard let start = try entry.directory.start() else {
                throw JailFailure(stage: "plan", action: "what the agent was started with has not been kept")
            }
            return try planner.plan(
                start.request, id: record.id, name: record.name, owner: record.owner, outside: record.outside,
                isRestart: record.machine.progress.hasBeenReady, mayNameFiles: start.mayNameFiles)
        }
    }

    private func start(_ plan: Assembled, _ entry: Entry, _ attempt: Int) async throws -> ProcessIdentity? {
        let (jail, cgroups, filters, directory) = (settings.jail, cgroups, filters, entry.directory)
        let ring = plan.ring ?? configuration.ring
        let (cgroup, known) = (entry.record.cgroup, entry.output.latest.value.end)
        return try await blocking {
            if let path = cgroup { try cgroups?.make(path) }
            var document = plan.plan
            document.cgroup = cgroup
            let identity = document.identity
            try directory.add(
                own: plan.ownDirectories + document.changesDirectories, owner: (identity.uid, identity.gid))
            try directory.record(PolicyRecord(document))
            document.systemCalls = filters.compile(document.systemCalls)
            let offset = attempt > 1 ? max(known, try directory.outputEnd()) : 0
            let launch = ShimLaunch(
                program: jail, directory: directory, plan: document, ring: ring, offset: offset, attempt: attempt)
            return ProcessIdentity.current(pid: try launch.start())
        }
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
            machine: AgentMachine(
                stopSignals: plan.stopSignals.compactMap { try? Signal($0).number }, restart: plan.restart),
            missing: plan.missing)
    }
}

extension JailPlan {
    /// Where overlays keep their changes in the agent's state directory: to be made before the start.
    fileprivate var changesDirectories: [OwnDirectory] {
        filesystem.compactMap { entry in
            guard case .overlay(_, changes: .agentDirectory(let name), _) = entry.kind else { return nil }
            return OwnDirectory(relativePath: name, files: [])
        }
    }
}
