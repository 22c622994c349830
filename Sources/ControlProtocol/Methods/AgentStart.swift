// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/start`: starts an agent. Answered once it runs (or is queued); with `agent_not_found` where it is removed before
/// that.
///
/// The same `requestKey` from the same user again answers the same agent, so a client may retry after a lost
/// connection.
public enum AgentStart: Method {
    public static let name = "agent/start"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [
        .nameTaken, .agentNotFound, .profileInvalid, .jailFailed, .unsupportedHere, .draining, .cancelled,
    ]
    public typealias Result = Agent

    public struct Params: Codable, Sendable, Hashable {
        /// The name of a launcher, which says what runs. Without it `command` does.
        public var launcher: String?
        /// A program and its arguments, instead of a launcher's own: at least one, each of at most 131071 bytes without NUL.
        public var command: [String]?
        /// Further arguments for the launcher's command, likewise. Excludes `command`.
        public var arguments: [String]?
        /// What the launcher is to tell the agent to do: at most 131071 bytes without NUL.
        public var prompt: String?
        /// Without it the daemon makes one up.
        public var name: AgentName?
        /// The name of a profile, or from an administrator an absolute path to one; without it the launcher says which.
        public var profile: String?
        /// An absolute path.
        public var workspace: String?
        /// Variables in addition to what profile and launcher set. A name has neither `=` nor control characters, a value no
        /// NUL.
        public var env: [String: String]?
        /// Whether the agent gets a terminal; without it the launcher says.
        public var tty: Bool?
        /// The terminal's size at first.
        public var size: TerminalSize?
        /// Which size the terminal takes when viewers have sizes of their own; without it `writer`.
        public var sizePolicy: SizePolicy?
        /// For the client's own use, and for `agent/list`: at most 32, names of 1 to 64 letters, digits, `.`, `_` and `-`,
        /// values of at most 256 bytes.
        public var labels: [String: String]?
        public var limits: Limits?
        /// For a later version; so far it is `unsupported_here`.
        public var network: Network?
        public var restart: Restart?
        public var timeouts: Timeouts?
        /// A session of the launcher's agent to go on with. For a later version; so far it is `unsupported_here`.
        public var resume: String?
        /// 1 to 128 bytes that make it safe to send the request again: whoever sends the same one twice gets the same agent.
        /// With another request under the same key it fails.
        public var requestKey: String?

        public init(
            launcher: String? = nil, command: [String]? = nil, arguments: [String]? = nil, prompt: String? = nil,
            name: AgentName? = nil, profile: String? = nil, workspace: String? = nil, env: [String: String]? = nil,
            tty: Bool? = nil, size: TerminalSize? = nil, sizePolicy: SizePolicy? = nil,
            labels: [String: String]? = nil, limits: Limits? = nil,
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
            self.sizePolicy = sizePolicy
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
    public struct Limits: Codable, Sendable, Hashable, BoundedMembers {
        public static let bounds = ["pids": Bounds(1), "files": Bounds(64)]

        /// Bytes of memory of all processes together; at least 1 MiB.
        public var memory: ByteCount?
        /// Bytes of swap space.
        public var swap: ByteCount?
        /// In processors, such as 1.5; above 0.
        public var cpu: Double?
        /// Processes and threads together, at least 1.
        public var pids: Int64?
        /// Not in this version: `unsupported_here`.
        public var io: JSONValue?
        /// Open files of one process, at least 64.
        public var files: Int64?
        /// Bytes that each of its private directories in memory holds; at least 64 KiB.
        public var tmp: ByteCount?

        public init(
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

        fileprivate func check() throws(ProtocolError) {
            let path = JSONPath([.member("limits")])
            try Self.check([("pids", pids.map(Double.init)), ("files", files.map(Double.init))], at: path)
            if let cpu, cpu <= 0 { throw .invalidParams(path: "limits.cpu", reason: "must be above 0") }
            for (name, bytes, least) in [("memory", memory?.bytes, 1 << 20), ("tmp", tmp?.bytes, 1 << 16)]
                as [(String, Int64?, Int64)]
            {
                guard let bytes, bytes < least else { continue }
                throw .invalidParams(
                    path: JSONPath(path.components + [.member(name)]), reason: "must be at least \(least)")
            }
        }
    }

    /// A narrowing of the profile's `network`.
    public struct Network: Codable, Sendable, Hashable {
        /// `host:port` each.
        public var allow: [String]

        public init(allow: [String]) {
            self.allow = allow
        }
    }

    /// Whether it is run again when it has ended by itself: over what profile and launcher say, member by member.
    public struct Restart: Codable, Sendable, Hashable, BoundedMembers {
        public static let bounds = ["factor": Bounds(1, 10), "jitter": Bounds(0, 1), "limit": Bounds(0, 100)]

        /// After which ends it is run again.
        public var policy: Policy?
        /// The first pause before a restart, and the longest.
        public var initial: WireDuration?
        /// The longest pause before a restart; above 0.
        public var max: WireDuration?
        /// What the pause is multiplied by each time, 1 to 10.
        public var factor: Double?
        /// Up to this share of a pause, 0 to 1, is added to it at random.
        public var jitter: Double?
        /// Restarts within `window`, 0 to 100; 0 is any number.
        public var limit: Int?
        /// The time in which `limit` counts; above 0.
        public var window: WireDuration?
        /// An attempt that lasted so long makes the next pause the first one again.
        public var resetAfter: WireDuration?

        /// After which ends an agent is run again.
        public enum Policy: String, Codable, Sendable, CaseIterable {
            case never
            case onFailure = "on-failure"
            case always
        }

        public init(
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
            try Self.check(
                [("factor", factor), ("jitter", jitter), ("limit", limit.map(Double.init))],
                at: JSONPath([.member("restart")]))
        }
    }

    /// A narrowing of the profile's `timeouts`.
    public struct Timeouts: Codable, Sendable, Hashable {
        /// How long it may run, pauses not counted; above 0, as are the next two.
        public var wall: WireDuration?
        /// How long it may neither write nor read nor wait for an answer from the network.
        public var idle: WireDuration?
        /// How long it may take until it is ready.
        public var start: WireDuration?
        /// How long it may take to end once it is asked to.
        public var grace: WireDuration?

        public init(
            wall: WireDuration? = nil, idle: WireDuration? = nil, start: WireDuration? = nil, grace: WireDuration? = nil
        ) {
            self.wall = wall
            self.idle = idle
            self.start = start
            self.grace = grace
        }

        fileprivate func check() throws(ProtocolError) {
            for (path, length) in [("wall", wall), ("idle", idle), ("start", start)] where length?.milliseconds == 0 {
                throw .invalidParams(path: JSONPath([.member("timeouts"), .member(path)]), reason: "must be above 0")
            }
        }
    }

    /// Bytes of a path that the kernel takes, without the NUL at its end (PATH_MAX).
    private static let maximumPath = 4095
    /// Bytes of one argument that the kernel takes, likewise (MAX_ARG_STRLEN, execve(2)).
    private static let maximumArgument = 131_071

    /// Refuses what could not be executed as it stands, above all NUL, at which the kernel would cut a text short.
    public static func check(_ params: Params) throws(ProtocolError) {
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
        for (path, text) in [("workspace", params.workspace), ("profile", params.profile)] {
            guard let text, text.utf8.count > maximumPath else { continue }
            throw .invalidParams(path: path, reason: "is longer than a path can be, \(maximumPath) bytes")
        }
        for (path, texts) in [
            ("command", params.command), ("arguments", params.arguments), ("prompt", params.prompt.map { [$0] }),
            ("profile", params.profile.map { [$0] }), ("workspace", params.workspace.map { [$0] }),
            ("resume", params.resume.map { [$0] }),
        ] where texts?.contains(where: { $0.utf8.contains(0) }) ?? false {
            throw .invalidParams(path: path, reason: "must not contain NUL")
        }
        for (path, texts) in [
            ("command", params.command), ("arguments", params.arguments), ("prompt", params.prompt.map { [$0] }),
        ] where texts?.contains(where: { $0.utf8.count > maximumArgument }) ?? false {
            throw .invalidParams(path: path, reason: "is longer than an argument can be, \(maximumArgument) bytes")
        }
        if let key = params.requestKey, !(1...128).contains(key.utf8.count) {
            throw .invalidParams(path: "requestKey", reason: "must have 1 to 128 bytes")
        }
        try params.limits?.check()
        try params.timeouts?.check()
        try params.restart?.check()
        try check(environment: params.env ?? [:])
        try check(labels: params.labels ?? [:])
    }

    private static func check(environment: [String: String]) throws(ProtocolError) {
        for (name, value) in environment {
            let path = JSONPath([.member("env"), .member(name)])
            if name.isEmpty || name.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 < 0x20 || $0 == 0x7F }) {
                throw .invalidParams(path: path, reason: "is no name of an environment variable")
            }
            if name.utf8.count + value.utf8.count >= maximumArgument {
                throw .invalidParams(path: path, reason: "is longer than a variable can be, \(maximumArgument) bytes")
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
