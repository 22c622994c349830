// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Starting, listing and ending agents.
extension Methods {
    static func start(_ params: AgentStart.Params, _ call: Call) async throws -> Agent {
        let record = try await call.pending.untilCancelled {
            try await call.supervisor.start(params, by: call.peer) { call.permit?.release() }
        }
        return try await call.object(record)
    }

    static func list(_ params: AgentList.Params, _ call: Call) async throws -> AgentList.Result {
        let wanted = await call.supervisor.all(for: call.peer).filter { snapshot in
            let record = snapshot.record
            if params.all != true, record.owner != call.peer.identity.uid { return false }
            if let states = params.states, !states.contains(record.state) { return false }
            return (params.labels ?? [:]).allSatisfy { record.labels[$0.key] == $0.value }
        }
        let from = params.after.map { after in wanted.firstIndex { $0.record.id > after } ?? wanted.count } ?? 0
        // More at once than there is ever room for would only be made in vain.
        let some = Array(wanted[from...].prefix(min(params.limit ?? .max, 1000)))
        var page = AnswerPage()
        let agents = page.take(try await call.supervisor.objects(some))
        let hasMore = from + agents.count < wanted.count
        return AgentList.Result(agents: agents, next: hasMore ? agents.last?.id : nil)
    }

    static func restart(_ params: AgentParams, _ call: Call) async throws -> Agent {
        let id = try await call.find(params.agent).record.id
        let record = try await call.pending.untilCancelled {
            try await call.supervisor.restart(id, by: call.peer.identity) { call.permit?.release() }
        }
        return try await call.object(record)
    }

    static func pause(_ params: AgentParams, _ call: Call) async throws -> Agent {
        let id = try await call.find(params.agent).record.id
        return try await call.object(try await call.supervisor.pause(id, true, by: call.peer.identity))
    }

    static func resume(_ params: AgentParams, _ call: Call) async throws -> Agent {
        let id = try await call.find(params.agent).record.id
        return try await call.object(try await call.supervisor.pause(id, false, by: call.peer.identity))
    }

    static func get(_ params: AgentGet.Params, _ call: Call) async throws -> Agent {
        let snapshot = try await call.find(params.agent)
        var agent = try await call.supervisor.objects([snapshot])[0]
        if params.include?.contains(.policy) == true {
            agent.policy = try await call.supervisor.blocking { snapshot.directory.policy() } ?? .null
        }
        return agent
    }

    static func stop(_ params: AgentStop.Params, _ call: Call) async throws -> Agent {
        let id = try await call.find(params.agent).record.id
        let record = try await call.pending.untilCancelled {
            try await call.supervisor.stop(id, grace: params.grace?.duration, by: call.peer.identity)
        }
        return try await call.object(record)
    }

    static func kill(_ params: AgentParams, _ call: Call) async throws -> Agent {
        let id = try await call.find(params.agent).record.id
        let record = try await call.pending.untilCancelled {
            try await call.supervisor.kill(id, by: call.peer.identity)
        }
        return try await call.object(record)
    }

    static func wait(_ params: AgentWait.Params, _ call: Call) async throws -> Agent {
        let id = try await call.find(params.agent).record.id
        let record = try await call.pending.untilCancelled {
            try await call.supervisor.final(id, atMost: params.timeout?.duration)
        }
        return try await call.object(record)
    }

    static func remove(_ params: AgentRemove.Params, _ call: Call) async throws -> Nothing {
        let id = try await call.find(params.agent).record.id
        try await call.pending.untilCancelled {
            try await call.supervisor.remove(id, force: params.force ?? false, by: call.peer.identity)
        }
        return Nothing()
    }
}
