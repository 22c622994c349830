// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux

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
                role: call.peer.isAdministrator ? "admin" : "operator"),
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
            agents: counts, connections: call.connection.listener.count, seq: supervisor.newestEvent.latest.value)
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
            // A whole id may be that of an agent that is gone, whose events are still there.
            let id: AgentID
            if let whole = try? AgentID(reference.text) {
                id = whole
            } else {
                id = try await call.find(reference).record.id
            }
            agents = (agents ?? []).union([id])
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
