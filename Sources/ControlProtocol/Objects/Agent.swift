// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// An agent as every method answers it.
public struct Agent: Codable, Sendable, Hashable {
    public var id: AgentID
    public var name: AgentName
    /// Where it stands.
    public var state: AgentState
    public var desired: DesiredState
    /// It runs, and has shown that it is ready where its launcher says how it does.
    public var ready: Bool
    /// What runs in it: `command` for one that was started with a command.
    public var launcher: String
    /// The profile that it was started under.
    public var profile: String
    /// An absolute path; nil when the profile gives it none.
    public var workspace: String?
    /// As they were given at its start; they mean nothing to the daemon.
    public var labels: [String: String]
    /// Whose it is: it has this user's rights, and fewer.
    public var owner: Owner
    /// Of the agent's main process as the host numbers it; nil while there is none.
    public var pid: Int32?
    /// Counts from 1.
    public var attempt: Int
    /// How often it was run again by itself since it was last asked for.
    public var restarts: Int
    /// When it was asked for.
    public var createdAt: Timestamp
    /// When its last attempt began to run; nil for one that never ran.
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    /// When the next attempt starts, in the state `backoff`.
    public var nextAttemptAt: Timestamp?
    /// How its last attempt ended; nil while it runs, and for one that never ran.
    public var exit: AgentExit?
    /// Why it is `failed`: a sentence.
    public var failure: String?
    /// How the last attempts ended, oldest first, at most ten; nil from daemons that do not tell.
    public var exits: [PastAttempt]?
    /// Its place among those that wait, from 1, in the state `queued`.
    public var queuePosition: Int?
    /// Its terminal's size at first; nil for one without.
    public var terminal: TerminalSize?
    /// How long a stop waits for it, where the request does not say; absent from daemons that do not tell.
    public var grace: WireDuration?
    /// Which of its output is stored.
    public var output: OutputRange
    /// By which the launcher can resume the agent's conversation.
    public var session: String?
    /// How well it is confined.
    public var isolation: Isolation
    /// What it is confined by: only in the answer to an `agent/get` that asks for it, and null where nothing is known.
    public var policy: JSONValue?

    /// A user of the daemon's host.
    public struct Owner: Codable, Sendable, Hashable {
        /// The user's number.
        public var uid: UInt32
        /// The user's name, or the number where there is none.
        public var user: String

        public init(uid: UInt32, user: String) {
            self.uid = uid
            self.user = user
        }
    }

    /// One attempt that is over.
    public struct PastAttempt: Codable, Sendable, Hashable {
        /// Which attempt, from 1.
        public var attempt: Int
        public var endedAt: Timestamp?
        /// Nil for one that never ran.
        public var exit: AgentExit?
        /// Why it never ran.
        public var failure: String?

        public init(attempt: Int, endedAt: Timestamp?, exit: AgentExit?, failure: String? = nil) {
            self.attempt = attempt
            self.endedAt = endedAt
            self.exit = exit
            self.failure = failure
        }
    }

    /// How an agent's jail differs from what its profile asks for.
    public struct Isolation: Codable, Sendable, Hashable {
        /// What the profile asked for and this host cannot give; empty unless the profile says it may degrade.
        public var missing: [String]

        public init(missing: [String] = []) {
            self.missing = missing
        }
    }

    public init(
        id: AgentID, name: AgentName, state: AgentState, desired: DesiredState, ready: Bool = false, launcher: String,
        profile: String, workspace: String?, labels: [String: String] = [:], owner: Owner, pid: Int32? = nil,
        attempt: Int = 1, restarts: Int = 0, createdAt: Timestamp, startedAt: Timestamp? = nil,
        endedAt: Timestamp? = nil, nextAttemptAt: Timestamp? = nil, exit: AgentExit? = nil,
        failure: String? = nil, exits: [PastAttempt] = [], queuePosition: Int? = nil, terminal: TerminalSize? = nil,
        output: OutputRange = OutputRange(start: 0, end: 0), session: String? = nil, isolation: Isolation = Isolation()
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.desired = desired
        self.ready = ready
        self.launcher = launcher
        self.profile = profile
        self.workspace = workspace
        self.labels = labels
        self.owner = owner
        self.pid = pid
        self.attempt = attempt
        self.restarts = restarts
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.nextAttemptAt = nextAttemptAt
        self.exit = exit
        self.failure = failure
        self.exits = exits
        self.queuePosition = queuePosition
        self.terminal = terminal
        self.output = output
        self.session = session
        self.isolation = isolation
    }

    /// Written by hand since the protocol shows what there is not as `null`, which the synthesised form leaves out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(state, forKey: .state)
        try container.encode(desired, forKey: .desired)
        try container.encode(ready, forKey: .ready)
        try container.encode(launcher, forKey: .launcher)
        try container.encode(profile, forKey: .profile)
        try container.encode(workspace, forKey: .workspace)
        try container.encode(labels, forKey: .labels)
        try container.encode(owner, forKey: .owner)
        try container.encode(pid, forKey: .pid)
        try container.encode(attempt, forKey: .attempt)
        try container.encode(restarts, forKey: .restarts)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(startedAt, forKey: .startedAt)
        try container.encode(endedAt, forKey: .endedAt)
        try container.encode(nextAttemptAt, forKey: .nextAttemptAt)
        try container.encode(exit, forKey: .exit)
        try container.encode(failure, forKey: .failure)
        try container.encode(exits, forKey: .exits)
        try container.encode(queuePosition, forKey: .queuePosition)
        try container.encode(terminal, forKey: .terminal)
        try container.encodeIfPresent(grace, forKey: .grace)
        try container.encode(output, forKey: .output)
        try container.encode(session, forKey: .session)
        try container.encode(isolation, forKey: .isolation)
        try container.encodeIfPresent(policy, forKey: .policy)
    }
}

/// The output that is stored, in bytes since the agent's first byte; never reset, also across restarts.
public struct OutputRange: Codable, Sendable, Hashable {
    /// The oldest offset still stored. Everything before it has been dropped by the ring.
    public var start: UInt64
    /// The offset of the next byte to come.
    public var end: UInt64

    public init(start: UInt64, end: UInt64) {
        self.start = start
        self.end = end
    }
}
