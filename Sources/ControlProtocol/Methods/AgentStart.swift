// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/start`: starts an agent. Answered once it runs (or is queued).
///
/// The same `requestKey` from the same user again answers the same agent, so a client may retry after a lost
/// connection.
package enum AgentStart: Method {
    package static let name = "agent/start"
    package static let role = Role.operator
    package typealias Result = Agent

    package struct Params: Codable, Sendable, Hashable {
        /// What runs; without it `command` does.
        package var launcher: String?
        /// A program and its arguments, instead of a launcher's own.
        package var command: [String]?
        /// Further arguments for the launcher's command.
        package var arguments: [String]?
        /// What the launcher is to tell the agent to do.
        package var prompt: String?
        /// Without it the daemon makes one up.
        package var name: AgentName?
        /// The name of a profile, or an absolute path to one; without it the launcher says which.
        package var profile: String?
        /// An absolute path.
        package var workspace: String?
        /// In addition to what profile and launcher set.
        package var env: [String: String]?
        /// Whether the agent gets a terminal; without it the launcher says.
        package var tty: Bool?
        /// The terminal's size at first.
        package var size: TerminalSize?
        package var labels: [String: String]?
        package var limits: Limits?
        package var network: Network?
        package var restart: Restart?
        package var timeouts: Timeouts?
        /// A session of the launcher's agent to go on with.
        package var resume: String?
        package var requestKey: String?

        package init(
            launcher: String? = nil, command: [String]? = nil, arguments: [String]? = nil, prompt: String? = nil,
            name: AgentName? = nil, profile: String? = nil, workspace: String? = nil, env: [String: String]? = nil,
            tty: Bool? = nil, size: TerminalSize? = nil, labels: [String: String]? = nil, limits: Limits? = nil,
            network: Network? = nil, restart: Restart? = nil, timeouts: Timeouts? = nil,
            resume: String? = nil, requestKey: String? = nil
        ) {
            self.launcher = launcher
            self.command = command
            self.arguments = arguments
            self.prompt = prompt
            self.name = name
            self.profile = profile
            self.workspace = workspace
            self.env = env
            self.tty = tty
            self.size = size
            self.labels = labels
            self.limits = limits
            self.network = network
            self.restart = restart
            self.timeouts = timeouts
            self.resume = resume
            self.requestKey = requestKey
        }
    }

    /// A narrowing of the profile's `limits`.
    package struct Limits: Codable, Sendable, Hashable {
        package var memory: ByteCount?
        package var swap: ByteCount?
        /// In processors.
        package var cpu: Double?
        package var pids: Int64?
        package var io: JSONValue?
        /// Open files of one process.
        package var files: Int64?
        package var tmp: ByteCount?

        package init(
            memory: ByteCount? = nil, swap: ByteCount? = nil, cpu: Double? = nil, pids: Int64? = nil,
            io: JSONValue? = nil, files: Int64? = nil, tmp: ByteCount? = nil
        ) {
            self.memory = memory
            self.swap = swap
            self.cpu = cpu
            self.pids = pids
            self.io = io
            self.files = files
            self.tmp = tmp
        }
    }

    /// A narrowing of the profile's `network`.
    package struct Network: Codable, Sendable, Hashable {
        /// `host:port` each.
        package var allow: [String]

        package init(allow: [String]) {
            self.allow = allow
        }
    }

    /// Whether it is run again when it has ended by itself: over what profile and launcher say, member by member.
    package struct Restart: Codable, Sendable, Hashable {
        package var policy: Policy?
        /// The first pause before a restart, and the longest.
        package var initial: WireDuration?
        package var max: WireDuration?
        /// What the pause is multiplied by each time, 1 to 10.
        package var factor: Double?
        /// Up to this share of a pause, 0 to 1, is added to it at random.
        package var jitter: Double?
        /// Restarts within `window`, 0 to 100; 0 is any number.
        package var limit: Int?
        package var window: WireDuration?
        /// An attempt that lasted so long makes the next pause the first one again.
        package var resetAfter: WireDuration?

        package enum Policy: String, Codable, Sendable, CaseIterable {
            case never
            case onFailure = "on-failure"
            case always
        }

        package init(
            policy: Policy? = nil, initial: WireDuration? = nil, max: WireDuration? = nil, factor: Double? = nil,
            jitter: Double? = nil, limit: Int? = nil, window: WireDuration? = nil, resetAfter: WireDuration? = nil
        ) {
            self.policy = policy
            self.initial = initial
            self.max = max
            self.factor = factor
            self.jitter = jitter
            self.limit = limit
            self.window = window
            self.resetAfter = resetAfter
        }

        fileprivate func check() throws(ProtocolError) {
            for (path, length) in [
                ("initial", initial), ("max", max), ("window", window), ("resetAfter", resetAfter),
            ] where length?.milliseconds == 0 {
                throw .invalidParams(path: JSONPath([.member("restart"), .member(path)]), reason: "must be above 0")
            }
            if let factor, !(1...10).contains(factor) {
                throw .invalidParams(path: "restart.factor", reason: "must be from 1 to 10")
            }
            if let jitter, !(0...1).contains(jitter) {
                throw .invalidParams(path: "restart.jitter", reason: "must be from 0 to 1")
            }
            if let limit, !(0...100).contains(limit) {
                throw .invalidParams(path: "restart.limit", reason: "must be from 0 to 100")
            }
        }
    }

    /// A narrowing of the profile's `timeouts`.
    package struct Timeouts: Codable, Sendable, Hashable {
        package var wall: WireDuration?
        package var idle: WireDuration?
        package var start: WireDuration?
        package var grace: WireDuration?

        package init(
            wall: WireDuration? = nil, idle: WireDuration? = nil, start: WireDuration? = nil, grace: WireDuration? = nil
        ) {
            self.wall = wall
            self.idle = idle
            self.start = start
            self.grace = grace
        }
    }

    /// Refuses what could not be executed as it stands, above all NUL, at which the kernel would cut a text short.
    package static func check(_ params: Params) throws(ProtocolError) {
        if params.launcher == nil, params.command == nil {
            throw .invalidParams(path: "launcher", reason: "is missing, and there is no command either")
        }
        if let command = params.command {
            if command.first?.isEmpty ?? true {
                throw .invalidParams(path: "command", reason: "must start with a program")
            }
            if params.arguments != nil {
                throw .invalidParams(path: "arguments", reason: "is for a launcher's command; there is a command here")
            }
        }
        if let launcher = params.launcher, !PlainName.isPlain(launcher) {
            throw .invalidParams(path: "launcher", reason: "must be a name: \(PlainName.rule)")
        }
        if let profile = params.profile, !PlainName.isPlain(profile), !profile.hasPrefix("/") {
            throw .invalidParams(path: "profile", reason: "must be a name or an absolute path")
        }
        if let workspace = params.workspace, !workspace.hasPrefix("/") {
            throw .invalidParams(path: "workspace", reason: "must be an absolute path")
        }
        for (path, texts) in [
            ("command", params.command), ("arguments", params.arguments), ("prompt", params.prompt.map { [$0] }),
            ("profile", params.profile.map { [$0] }), ("workspace", params.workspace.map { [$0] }),
            ("resume", params.resume.map { [$0] }),
        ] where texts?.contains(where: { $0.utf8.contains(0) }) ?? false {
            throw .invalidParams(path: path, reason: "must not contain NUL")
        }
        if let key = params.requestKey, !(1...128).contains(key.utf8.count) {
            throw .invalidParams(path: "requestKey", reason: "must have 1 to 128 bytes")
        }
        if let cpu = params.limits?.cpu, cpu <= 0 {
            throw .invalidParams(path: "limits.cpu", reason: "must be above 0")
        }
        for (path, count) in [("limits.pids", params.limits?.pids), ("limits.files", params.limits?.files)] {
            if let count, count < 1 { throw .invalidParams(path: path, reason: "must be at least 1") }
        }
        try params.restart?.check()
        try check(environment: params.env ?? [:])
        try check(labels: params.labels ?? [:])
    }

    private static func check(environment: [String: String]) throws(ProtocolError) {
        for (name, value) in environment {
            let path = JSONPath([.member("env"), .member(name)])
            if name.isEmpty || name.utf8.contains(UInt8(ascii: "=")) || name.utf8.contains(0) {
                throw .invalidParams(path: path, reason: "is no name of an environment variable")
            }
            if value.utf8.contains(0) { throw .invalidParams(path: path, reason: "must not contain NUL") }
        }
    }

    /// Labels come back in every agent object, so they are kept short.
    private static func check(labels: [String: String]) throws(ProtocolError) {
        if labels.count > 32 { throw .invalidParams(path: "labels", reason: "must be at most 32") }
        for (name, value) in labels where !PlainName.isPlain(name) || value.utf8.count > 256 {
            throw .invalidParams(
                path: JSONPath([.member("labels"), .member(name)]),
                reason: PlainName.isPlain(name) ? "must have at most 256 bytes" : "is no name: \(PlainName.rule)")
        }
    }
}
