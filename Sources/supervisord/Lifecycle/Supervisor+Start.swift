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
        if isDraining { throw ProtocolError.draining }
        try AgentPlanner.refuseUnsupported(request)
        let owner = settings.mode == .user ? settings.uid : peer.identity.uid
        let key = try request.requestKey.map { try RequestKey(uid: peer.identity.uid, key: $0, request: request) }
        if let key, let id = try agent(startedUnder: key) { return try await started(id) }

        let id = ids.next(at: .now())
        let name = try request.name ?? generatedName(for: request, id)
        try checkIsFree(name)
        let identity = settings.identityPool?.free(besides: identitiesInUse)
        if let identity { reservedIdentities.insert(identity) }
        defer { if let identity { reservedIdentities.remove(identity) } }
        var plan = try await plan(request, id, name, owner: owner, identity, mayNameFiles: peer.isAdministrator)
        // Others may have come first while the plan was made.
        if let key, let id = try agent(startedUnder: key) { return try await started(id) }
        try checkIsFree(name)
        if isDraining { throw ProtocolError.draining }

        let record = AgentRecord(
            id: id, name: name, owner: owner, launcher: plan.launcherName, profile: plan.profileName,
            workspace: request.workspace, labels: request.labels ?? [:],
            grace: plan.grace, createdAt: .now(), cgroup: cgroups?.path(of: id),
            outside: plan.plan.identity.outside?.uid,
            machine: AgentMachine(stopSignals: plan.stopSignals.compactMap { try? Signal($0).number }),
            missing: plan.missing)
        plan.plan.cgroup = record.cgroup
        try insert(record, key: key, by: peer.identity)
        let directory = AgentDirectory(path: "\(settings.agentsDirectory)/\(id)")
        agents[id] = Entry(
            record: record, directory: directory,
            output: Broadcast(OutputState(end: 0, isOpen: true, isRemoved: false)))
        begin { [plan] in await self.launch(id, plan, directory) }
        return try await started(id)
    }

    private func plan(
        _ request: AgentStart.Params, _ id: AgentID, _ name: AgentName, owner: UInt32, _ identity: UInt32?,
        mayNameFiles: Bool
    ) async throws -> Assembled {
        let planner = planner
        do {
            return try await blocking {
                try planner.plan(
                    request, id: id, name: name, owner: owner, outside: identity, mayNameFiles: mayNameFiles)
            }
        } catch let error as ProtocolError where error.data["path"] == "identity" {
            guard let pool = settings.identityPool, identity == nil else { throw error }
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

    private func launch(_ id: AgentID, _ plan: Assembled, _ directory: AgentDirectory) async {
        let (jail, ring, cgroups, filters) = (settings.jail, settings.ring, cgroups, filters)
        let identity = plan.plan.identity
        do {
            let shim = try await blocking {
                if let path = plan.plan.cgroup { try cgroups?.make(path) }
                try directory.create(
                    own: plan.ownDirectories + plan.plan.changesDirectories, owner: (identity.uid, identity.gid))
                try directory.record(PolicyRecord(plan.plan))
                var document = plan.plan
                document.systemCalls = filters.compile(document.systemCalls)
                let pid = try ShimLaunch(program: jail, directory: directory, plan: document, ring: ring).start()
                return ProcessIdentity.current(pid: pid)
            }
            // A stop may have come before there was a shim to tell; it is told once the shim can be talked to.
            apply(.connected, to: id) { $0.shim = shim }
            await follow(id)
        } catch is CancellationError {
            // The daemon ends, and had not begun.
            return
        } catch let error as SystemError {
            fail(
                id,
                JailFailure(
                    stage: "shim", action: "cannot \(error.operation) \(error.subject)", errno: Errno.name(error.errno),
                    reason: Errno.words(error.errno)), at: .now())
        } catch {
            fail(id, JailFailure(stage: "shim", action: "cannot start the agent's shim: \(error)"), at: .now())
        }
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
