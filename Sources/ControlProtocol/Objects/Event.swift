// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Something that happened, as the daemon's journal keeps it.
public struct Event: Codable, Sendable, Hashable {
    /// Grows strictly, without end, also across restarts of the daemon.
    public var seq: UInt64
    /// When it happened.
    public var time: Timestamp
    /// What happened.
    public var type: EventType
    /// Nil for an event of the daemon itself.
    public var agent: AgentID?
    /// What else there is to say, by type (see the events). `peer`, where a client asked for it: its `uid`, `pid` and
    /// `executable`.
    public var data: [String: JSONValue]

    public init(seq: UInt64, time: Timestamp, type: EventType, agent: AgentID?, data: [String: JSONValue] = [:]) {
        self.seq = seq
        self.time = time
        self.type = type
        self.agent = agent
        self.data = data
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(seq, forKey: .seq)
        try container.encode(time, forKey: .time)
        try container.encode(type, forKey: .type)
        try container.encode(agent, forKey: .agent)
        try container.encode(data, forKey: .data)
    }
}

/// The kind of an event. Open: later daemons have more of them, and a client passes on those it does not know.
public struct EventType: RawRepresentable, WireValue, Hashable {
    public let rawValue: String

    public static var example: JSONValue { "agent.exited" }

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// An agent was asked for: `name`, `launcher`, `profile`, `workspace`.
    public static let agentCreated = EventType(rawValue: "agent.created")
    /// An attempt to run it begins: `attempt`.
    public static let agentStarting = EventType(rawValue: "agent.starting")
    /// It runs: `attempt`, `pid`, `ready`.
    public static let agentStarted = EventType(rawValue: "agent.started")
    /// It has shown that it is ready, as its launcher says.
    public static let agentReady = EventType(rawValue: "agent.ready")
    /// It is paused.
    public static let agentPaused = EventType(rawValue: "agent.paused")
    /// It runs on after a pause.
    public static let agentResumed = EventType(rawValue: "agent.resumed")
    /// It waits because as many agents run as may.
    public static let agentQueued = EventType(rawValue: "agent.queued")
    /// It is run again at `nextAttemptAt`, as `attempt`.
    public static let agentBackoff = EventType(rawValue: "agent.backoff")
    /// A client asked for it to be run again.
    public static let agentRestarting = EventType(rawValue: "agent.restarting")
    /// It is being stopped.
    public static let agentStopping = EventType(rawValue: "agent.stopping")
    /// An attempt has ended: `attempt`, `code`, `signal` and `reason` as in its exit, the `state` that it is in now, and
    /// `while_away` when no daemon ran meanwhile.
    public static let agentExited = EventType(rawValue: "agent.exited")
    /// An attempt has not run, or there are no more of them: `attempt`, `state`, `message`; of one that did not run `stage`
    /// and `errno` as in the error `jail_failed`, and `while_away` when no daemon ran meanwhile.
    public static let agentFailed = EventType(rawValue: "agent.failed")
    /// A new daemon has found it alive.
    public static let agentAdopted = EventType(rawValue: "agent.adopted")
    /// Its shim lives but does not answer. It is left alone; the daemon keeps trying.
    public static let agentLost = EventType(rawValue: "agent.lost")
    /// The first time that a process of this name was refused this system call: `call`, `process`, `pid`, `count`.
    public static let agentRefused = EventType(rawValue: "agent.refused")
    /// Changes of its overlay were applied: `applied`, `refused`, how many.
    public static let agentApplied = EventType(rawValue: "agent.applied")
    /// Changes of its overlay were dropped: `discarded`, how many.
    public static let agentDiscarded = EventType(rawValue: "agent.discarded")
    /// It is gone, with its output: `name`, and `reason`, which is `request`, `retention`, or `recovery` where a daemon that
    /// ended had begun it.
    public static let agentRemoved = EventType(rawValue: "agent.removed")
    /// A daemon has started: its `version`.
    public static let supervisorStarted = EventType(rawValue: "supervisor.started")
    /// The daemon ends. Agents run on.
    public static let supervisorStopping = EventType(rawValue: "supervisor.stopping")
    /// The configuration has been read anew.
    public static let supervisorReloaded = EventType(rawValue: "supervisor.reloaded")
    /// Nothing new is started from here on.
    public static let supervisorDraining = EventType(rawValue: "supervisor.draining")
    /// New agents are started again.
    public static let supervisorResumed = EventType(rawValue: "supervisor.resumed")
    /// The last agent has ended while nothing new was started.
    public static let supervisorDrained = EventType(rawValue: "supervisor.drained")
    /// The database could not be read; what it held was found out anew from the agents' directories.
    public static let supervisorRebuilt = EventType(rawValue: "supervisor.rebuilt")

    /// All that this version knows.
    public static let known = [
        agentCreated, agentStarting, agentStarted, agentReady, agentPaused, agentResumed, agentQueued, agentBackoff,
        agentRestarting, agentStopping, agentExited, agentFailed, agentAdopted, agentLost, agentRefused, agentApplied,
        agentDiscarded, agentRemoved, supervisorStarted, supervisorStopping, supervisorReloaded, supervisorDraining,
        supervisorResumed, supervisorDrained, supervisorRebuilt,
    ]
}
