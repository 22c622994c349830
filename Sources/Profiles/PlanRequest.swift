// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// What one agent's plan needs to know beyond its profile and launcher.
package struct PlanRequest: Sendable {
    package var owner: Owner
    /// The agent's name: `${agent}`, and the host name unless the profile has one.
    package var agent: String
    /// An absolute path on the host, or nil for an agent without one.
    package var workspace: String?
    /// An absolute path inside the jail, for another than the profile's.
    package var workingDirectory: String?
    /// ``Profile/plan(_:)``: the command. ``Launcher/assemble(_:profile:)``: the words for `"${arguments}"`.
    package var arguments: [String] = []
    package var prompt: String?
    /// Laid over the profile's and the launcher's, as it is: no variables.
    package var environment: [String: String] = [:]
    package var terminal: TerminalChoice = .asLaunched(columns: 80, rows: 24)
    package var limits = Limits()
    /// Where launchers' programs are, by bare name: the operator's configuration. Asked before `searchPath`.
    package var programs: [String: String] = [:]
    /// Directories of the host in which a bare program name is looked up.
    package var searchPath: [String] = []
    /// Paths that are covered whatever the profile says: the daemon's own directories.
    package var hidden: [String] = []
    /// The cgroup v2 directory for the jail.
    package var cgroup: String?
    /// Where the changes to an overlay workspace are kept.
    package var changes: FilesystemEntry.Source?
    /// Who the agent is to the host under a profile with `identity: dynamic`: nobody but itself.
    package var outside: JailPlan.Identity.IDs?
    /// Where the host says whose subordinate ids are whose.
    package var subordinates = SubordinateIDs()
    /// `/etc/machine-id`: the agent's own, the same at each of its starts and nobody else's. Nil for no such file.
    package var machineID: UInt128?
    package var timeouts = Timeouts()
    /// What is said of restarts, over launcher and profile.
    package var restart = RestartSection()
    /// Whether this is for another attempt of an agent that has been ready: then the launcher's `restart_arguments` are used.
    package var isRestart = false

    /// What the operator grants the owner's agents.
    package var bounds = RequestBounds()

    package init(owner: Owner, agent: String, workspace: String? = nil) {
        self.owner = owner
        self.agent = agent
        self.workspace = workspace
    }

    /// Whose agent it is.
    package struct Owner: Sendable {
        package var uid: UInt32
        package var gid: UInt32
        /// Supplementary groups.
        package var groups: [UInt32]
        package var name: String
        /// An absolute path.
        package var home: String

        package init(uid: UInt32, gid: UInt32, groups: [UInt32], name: String, home: String) {
            self.uid = uid
            self.gid = gid
            self.groups = groups
            self.name = name
            self.home = home
        }
    }

    package enum TerminalChoice: Sendable, Equatable {
        /// What the launcher says; its terminal, if it wants one, has this size. Without a launcher, a terminal.
        case asLaunched(columns: UInt16, rows: UInt16)
        case pty(columns: UInt16, rows: UInt16)
        /// No terminal. Whether there is a standard input is the launcher's to say.
        case pipes
        case inherit
    }

    /// Narrower limits than the profile's. Wider ones are refused.
    package struct Limits: Sendable {
        /// Bytes, of the jail as a whole.
        package var memory: UInt64?
        /// Bytes.
        package var swap: UInt64?
        /// Processes and threads.
        package var pids: UInt64?
        /// Hundredths of one processor's time.
        package var cpu: UInt64?
        /// Open files.
        package var files: UInt64?
        /// Bytes, of each directory in memory.
        package var tmp: UInt64?

        package init(
            memory: UInt64? = nil, swap: UInt64? = nil, pids: UInt64? = nil, cpu: UInt64? = nil, files: UInt64? = nil,
            tmp: UInt64? = nil
        ) {
            self.memory = memory
            self.swap = swap
            self.pids = pids
            self.cpu = cpu
            self.files = files
            self.tmp = tmp
        }
    }

    /// Only narrower than the profile's.
    package struct Timeouts: Sendable {
        package var wall: Duration?
        package var cpu: Duration?
        package var idle: Duration?
        package var start: Duration?
        package var grace: Duration?

        package init(
            wall: Duration? = nil, cpu: Duration? = nil, idle: Duration? = nil, start: Duration? = nil,
            grace: Duration? = nil
        ) {
            self.wall = wall
            self.cpu = cpu
            self.idle = idle
            self.start = start
            self.grace = grace
        }
    }
}

/// Why there is no plan for a request, although profile and launcher are sound by themselves.
package struct PlanError: Error, Sendable, Equatable, CustomStringConvertible {
    package var subject: Subject
    /// A clause for a person.
    package var message: String

    package enum Subject: Sendable, Equatable {
        /// A member of the request, in `agent/start`'s words: `workspace`, `prompt`, `limits.files`, `env.NAME` …
        case request(String)
        /// A line of the profile or launcher.
        case file(SourcePosition)
        /// More than the operator grants.
        case refused
    }

    init(_ subject: Subject, _ message: String) {
        self.subject = subject
        self.message = message
    }

    package var description: String {
        switch subject {
        case .request, .refused: message
        case .file(let position): "\(position): \(message)"
        }
    }
}
