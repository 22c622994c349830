// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Something that happened, as the daemon's journal keeps it.
package struct Event: Codable, Sendable, Hashable {
    /// Grows strictly, without end, also across restarts of the daemon.
    package var seq: UInt64
    package var time: Timestamp
    package var type: EventType
    /// Nil for an event of the daemon itself.
    package var agent: AgentID?
    package var data: [String: JSONValue]

    package init(seq: UInt64, time: Timestamp, type: EventType, agent: AgentID?, data: [String: JSONValue] = [:]) {
        self.seq = seq
        self.time = time
        self.type = type
        self.agent = agent
        self.data = data
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(seq, forKey: .seq)
        try container.encode(time, forKey: .time)
        try container.encode(type, forKey: .type)
        try container.encode(agent, forKey: .agent)
        try container.encode(data, forKey: .data)
    }
}

/// The kind of an event. Open: later daemons have more of them, and a client passes on those it does not know.
package struct EventType: RawRepresentable, Codable, Sendable, Hashable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let agentCreated = EventType(rawValue: "agent.created")
    package static let agentStarting = EventType(rawValue: "agent.starting")
    package static let agentStarted = EventType(rawValue: "agent.started")
    /// It has shown that it is ready, as its launcher says.
    package static let agentReady = EventType(rawValue: "agent.ready")
    package static let agentPaused = EventType(rawValue: "agent.paused")
    package static let agentResumed = EventType(rawValue: "agent.resumed")
    /// It waits because as many agents run as may.
    package static let agentQueued = EventType(rawValue: "agent.queued")
    /// It is run again at `nextAttemptAt`.
    package static let agentBackoff = EventType(rawValue: "agent.backoff")
    /// A client asked for it to be run again.
    package static let agentRestarting = EventType(rawValue: "agent.restarting")
    package static let agentStopping = EventType(rawValue: "agent.stopping")
    package static let agentExited = EventType(rawValue: "agent.exited")
    package static let agentFailed = EventType(rawValue: "agent.failed")
    /// The first time that a process of this name was refused this system call: `call`, `process`, `pid`, `count`.
    package static let agentRefused = EventType(rawValue: "agent.refused")
    /// Changes of its overlay were applied: `applied`, `refused`, how many.
    package static let agentApplied = EventType(rawValue: "agent.applied")
    /// Changes of its overlay were dropped: `discarded`, how many.
    package static let agentDiscarded = EventType(rawValue: "agent.discarded")
    package static let agentRemoved = EventType(rawValue: "agent.removed")
    package static let supervisorStarted = EventType(rawValue: "supervisor.started")
    package static let supervisorStopping = EventType(rawValue: "supervisor.stopping")
    package static let supervisorReloaded = EventType(rawValue: "supervisor.reloaded")
    /// Nothing new is started from here on, or is again.
    package static let supervisorDraining = EventType(rawValue: "supervisor.draining")
    package static let supervisorResumed = EventType(rawValue: "supervisor.resumed")
    /// The last agent has ended while nothing new was started.
    package static let supervisorDrained = EventType(rawValue: "supervisor.drained")
    /// The database could not be read; what it held was found out anew from the agents' directories.
    package static let supervisorRebuilt = EventType(rawValue: "supervisor.rebuilt")
}
