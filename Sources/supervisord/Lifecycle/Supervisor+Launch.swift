// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import JailPlan
import Linux
import Logging
import Profiles
import ShimProtocol

/// From the decision that an agent is started to its shim.
extension Supervisor {
    /// Starts the attempt that an agent is at, and stays with it until it has ended.
    func launch(_ id: AgentID) async {
        guard let attempt = agents[id]?.record.machine.progress.attempt else { return }
        if await startShim(id, attempt) { await follow(id, attempt: attempt) }
    }

    /// False when there is no shim to stay with.
    private func startShim(_ id: AgentID, _ attempt: Int) async -> Bool {
        guard let entry = agents[id] else { return false }
        do {
            try await waitForTheEarlier(entry)
            let plan = try await presentPlan(of: entry)
            let shim = try await start(plan, entry, attempt)
            // Its terminal is a new one.
            if attempt > 1, let size = entry.record.terminal {
                agents[id]?.terminalSize = size
                noteSize(size, of: id, at: entry.output.latest.value.end)
            }
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
        let directory = entry.directory
        guard let start = try await blocking({ try directory.start() }) else {
            throw JailFailure(stage: "plan", action: "what the agent was started with has not been kept")
        }
        return try await planAgain(entry.record, start)
    }

    /// For another attempt, by the profile and the rules as they are now.
    func planAgain(_ record: AgentRecord, _ start: StartRecord) async throws -> Assembled {
        let planner = configuration.planner
        return try await blocking {
            try planner.plan(
                start.request, id: record.id, name: record.name, owner: record.owner, outside: record.outside,
                isRestart: record.machine.progress.hasBeenReady, groups: start.groups ?? [])
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

extension JailPlan {
    /// Where overlays keep their changes in the agent's state directory: to be made before the start.
    fileprivate var changesDirectories: [OwnDirectory] {
        filesystem.compactMap { entry in
            guard case .overlay(_, changes: .agentDirectory(let name), _) = entry.kind else { return nil }
            return OwnDirectory(relativePath: name, files: [])
        }
    }
}
