// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Profiles

/// The daemon itself.
extension Methods {
    static func initialize(_ params: Initialize.Params, _ call: Call) async throws -> Initialize.Result {
        guard params.protocolVersions.contains(ProtocolLimits.version) else {
            throw ProtocolError.unsupportedHere(
                feature: "protocolVersions", "this daemon speaks version \(ProtocolLimits.version) of the protocol only"
            )
        }
        let identity = call.peer.identity
        let user = try await call.supervisor.blocking { Users.name(of: identity.uid) }
        return Initialize.Result(
            protocolVersion: ProtocolLimits.version, server: .init(name: "supervisord", version: Version.text),
            peer: .init(
                uid: identity.uid, gid: identity.gid, user: user,
                role: call.peer.role),
            capabilities: .init(methods: Dispatch.names))
    }

    static func status(_ params: Nothing, _ call: Call) async throws -> SupervisorStatus.Result {
        let supervisor = call.supervisor
        var counts: [String: Int] = [:]
        for agent in await supervisor.all(for: call.peer) { counts[agent.record.state.rawValue, default: 0] += 1 }
        let settings = supervisor.settings
        return SupervisorStatus.Result(
            server: .init(name: "supervisord", version: Version.text), mode: settings.mode, pid: getpid(),
            startedAt: supervisor.startedAt, socket: settings.socket, stateDirectory: settings.stateDirectory,
            agents: counts, connections: supervisor.clients.count(for: call.peer),
            seq: supervisor.newestEvent.latest.value,
            draining: await supervisor.isDraining, unstored: await supervisor.unstored,
            resources: call.peer.grant.seesAll ? try await supervisor.blocking { try OwnResources.now() } : nil,
            retained: call.peer.isAdministrator ? try await retained(supervisor) : nil)
    }

    /// What ended agents take.
    static func retained(_ supervisor: Supervisor) async throws -> SupervisorStatus.Result.Retained {
        let (agents, bytes) = await supervisor.retained()
        let path = supervisor.settings.stateDirectory
        let free = try await supervisor.blocking {
            var status = statvfs()
            try check("examine the file system of", path) { statvfs(path, &status) }
            return UInt64(status.f_bavail) * UInt64(status.f_frsize)
        }
        return .init(agents: agents, bytes: bytes, free: free)
    }

    static func reload(_ params: Nothing, _ call: Call) async throws -> Nothing {
        do {
            try await call.supervisor.reload(by: call.peer.identity)
        } catch let error as ProfileProblems {
            throw AgentPlanner.translate(error)
        }
        return Nothing()
    }

    static func drain(_ params: SupervisorDrain.Params, _ call: Call) async throws -> SupervisorDrain.Result {
        let (supervisor, enabled) = (call.supervisor, params.enabled ?? true)
        await supervisor.drain(enabled, by: call.peer.identity)
        if enabled, params.wait ?? true {
            try await call.pending.untilCancelled {
                await supervisor.load.until { $0.running == 0 || !$0.isDraining }
                try Task.checkCancellation()
            }
        }
        return .init(draining: await supervisor.isDraining, running: supervisor.load.latest.value.running)
    }

    static func events(_ params: EventsList.Params, _ call: Call) async throws -> EventsList.Result {
        var wanted: AgentID?
        if let reference = params.agent { wanted = try await call.id(of: reference) }
        let newest = call.supervisor.newestEvent.latest.value
        var page = AnswerPage()
        var result = EventsList.Result(events: [], next: min(params.since ?? 0, newest), more: true)
        while result.more {
            let stored = try await call.supervisor.store.events(after: result.next, agent: wanted, limit: 256)
            for event in stored {
                if let shown = event.shown(to: call.peer) {
                    guard result.events.count < params.limit ?? .max, !page.take([shown]).isEmpty else {
                        return result
                    }
                    result.events.append(shown)
                }
                result.next = event.event.seq
            }
            result.more = stored.count == 256
        }
        result.next = max(result.next, newest)
        return result
    }

    static func subscribeToEvents(
        _ params: EventsSubscribe.Params, _ call: Call
    ) async throws -> (EventsSubscribe.Result, any Subscription) {
        let supervisor = call.supervisor
        let newest = supervisor.newestEvent.latest.value
        if let since = params.since, since > newest {
            throw ProtocolError.invalidParams(path: "since", reason: "lies behind the newest event, \(newest)")
        }
        var agents: Set<AgentID>?
        for reference in params.agents ?? [] {
            agents = (agents ?? []).union([try await call.id(of: reference)])
        }
        if params.agents?.isEmpty == true { agents = [] }
        let id = try call.connection.subscriptions.add()
        let since = params.since ?? newest
        return (
            EventsSubscribe.Result(subscription: id, seq: since),
            EventSubscription(
                id: id, since: since, agents: agents, types: params.types.map(Set.init), peer: call.peer,
                store: supervisor.store, newest: supervisor.newestEvent)
        )
    }

    static func cancel(_ params: RPCCancel.Params, _ call: Call) async throws -> Nothing {
        call.connection.pending.cancel(params.id)
        return Nothing()
    }
}

extension Call {
    /// The agent that is meant; a whole id may be that of one that is gone, whose events are still there.
    fileprivate func id(of reference: AgentReference) async throws -> AgentID {
        if let whole = try? AgentID(reference.text) { return whole }
        return try await find(reference).record.id
    }
}
