// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

extension Profile {
    /// The plan for a command under this profile, without a launcher: `request.arguments`, looked up inside the jail.
    ///
    /// - Throws: what in the request does not go with the profile.
    package func plan(_ request: PlanRequest) throws(PlanError) -> JailPlan {
        guard !request.arguments.isEmpty else { throw PlanError(.request("command"), "there is no command to run") }
        guard request.prompt == nil else {
            throw PlanError(.request("prompt"), "a command without a launcher takes no prompt")
        }
        return try plan(
            request, LaunchParts(arguments: request.arguments), PlanSetting(request, under: self))
    }

    func plan(_ request: PlanRequest, _ parts: LaunchParts, _ setting: PlanSetting) throws(PlanError) -> JailPlan {
        let terminal = terminal(request, parts)
        let environment = try environment(request, parts, setting, terminal)
        let identity = try identity(request)
        let hostname = layer.hostname ?? Hostname.from(agent: request.agent)
        let bounds = request.bounds
        var root = RootAssembly(
            setting: setting, tmpSize: try narrowed(tmpSize, request.limits.tmp, "tmp", bounds.limits.tmp),
            tmpLimit: lesser(request.limits.tmp, bounds.limits.tmp))
        for rule in layer.filesystem.rules { try root.add(rule) }
        for file in layer.filesystem.files { try root.add(file) }
        for link in layer.filesystem.links { try root.addLink(link.path, to: link.destination) }
        for (name, source) in layer.credentials { try root.addCredential(name, from: source) }
        if let view = layer.filesystem.showsSystem { root.addSystem(view) }
        try root.addWorkspace(workspace, changes: request.changes, protect: root.namesInWorkspace(layer.protect))
        try root.add(parts)
        try root.protect(layer.protect)
        for path in request.hidden { try root.hide(path) }
        root.hideEverywhere()
        root.addGenerated(
            GeneratedFiles(
                owner: request.owner, user: userName(request.owner), ids: identity.inside,
                shell: environment["SHELL"] ?? "/bin/sh", hostname: hostname, network: network,
                machineID: request.machineID))
        return JailPlan(
            identity: identity, hostname: hostname, network: network, ports: ports,
            cgroup: request.cgroup, resources: try resources(request), filesystem: root.ordered,
            command: .init(
                arguments: parts.arguments, environment: environment,
                workingDirectory: try workingDirectory(request, setting) ?? root.workingDirectory),
            terminal: terminal, limits: try limits(request), umask: layer.umask ?? 0o022,
            capabilities: Set(layer.capabilities).sorted(), scheduling: layer.process.plan,
            clockOffsets: layer.clocks.plan, timeouts: try timeouts(request, parts),
            readiness: parts.readiness,
            systemCalls: .policy(guarded(systemCalls)),
            degrade: layer.degrade.subtracting(request.bounds.names).sorted(),
            workspace: try workspaceBounds(request, setting))
    }

    /// Where the workspace has to lie is for the jail to see: this process may not look at all of its owner's directories.
    private func workspaceBounds(
        _ request: PlanRequest, _ setting: PlanSetting
    ) throws(PlanError) -> JailPlan.WorkspaceBounds? {
        guard let path = setting.workspace, let roots = request.bounds.workspaces else { return nil }
        var paths: [String] = []
        for root in roots { paths.append(try setting.expand(root)) }
        return .init(path: path, roots: paths)
    }

    private func userName(_ owner: PlanRequest.Owner) -> String { layer.users.root == true ? "root" : owner.name }

    /// What a plan of this profile's goes without from the beginning.
    func missing(from plan: JailPlan) -> [String] {
        let lacksIdentity = identity == .dynamic && plan.identity.outside == nil
        let lacksUsers = layer.users.subordinate == true && plan.identity.users.isEmpty
        return ((lacksIdentity ? ["identity"] : []) + (lacksUsers ? ["users.subordinate"] : [])).sorted()
    }

    private var tmpSize: UInt64 { layer.limits.tmp ?? 512 << 20 }

    private var ports: JailPlan.Ports? {
        guard network == .host, layer.network.portsPosition != nil else { return nil }
        func sorted(_ ports: [UInt16]?) -> [UInt16]? { ports.map { Set($0).sorted() } }
        return .init(connect: sorted(layer.network.connect), bind: sorted(layer.network.bind))
    }

    /// A socket that listens without a port is given one, of which Landlock hears nothing.
    private func guarded(_ calls: JailPlan.SystemCallPolicy) -> JailPlan.SystemCallPolicy {
        var calls = calls
        calls.guardsListening = ports?.bind != nil
        return calls
    }

    private func workingDirectory(_ request: PlanRequest, _ setting: PlanSetting) throws(PlanError) -> String? {
        if let path = request.workingDirectory {
            switch JailPath.normalised(path) {
            case .success(let normal): return normal
            case .failure(let fault): throw PlanError(.request("workingDirectory"), fault.message)
            }
        }
        guard let template = layer.workingDirectory else { return nil }
        return try setting.target(of: template, normal: JailPath.normalised)
    }

    private func identity(_ request: PlanRequest) throws(PlanError) -> JailPlan.Identity {
        var identity = JailPlan.Identity(
            uid: request.owner.uid, gid: request.owner.gid, groups: request.owner.groups, home: request.owner.home)
        if layer.users.root == true { identity.inside = .init(uid: 0, gid: 0) }
        if layer.users.subordinate == true { try addSubordinates(&identity, request) }
        guard self.identity == .dynamic else { return identity }
        if request.outside == nil, !layer.degrade.contains("identity") {
            throw PlanError(
                .request("identity"),
                "the profile \(name) wants an identity of the agent's own on the host, and none was given: run the "
                    + "daemon with a pool of them, name one with --outside as root, or name identity under \"degrade\"")
        }
        identity.outside = request.outside
        return identity
    }

    private func addSubordinates(
        _ identity: inout JailPlan.Identity, _ request: PlanRequest
    ) throws(PlanError) {
        let own = identity.inside ?? .init(uid: identity.uid, gid: identity.gid)
        identity.users = SubordinateIDs.ranges(in: request.subordinates.users, of: request.owner, besides: own.uid)
        identity.groupIDs = SubordinateIDs.ranges(in: request.subordinates.groups, of: request.owner, besides: own.gid)
        if !identity.users.isEmpty, !identity.groupIDs.isEmpty { return }
        identity.users = []
        identity.groupIDs = []
        guard layer.degrade.contains("users.subordinate") else {
            throw PlanError(
                .request("owner"),
                "the profile \(name) gives the jail \(request.owner.name)'s subordinate users, and there are none in "
                    + "\(request.subordinates.users) or \(request.subordinates.groups): usermod --add-subuids "
                    + "100000-165535 --add-subgids 100000-165535 \(request.owner.name) gives some, or name users.subordinate under "
                    + "\"degrade\"")
        }
    }

    private func terminal(_ request: PlanRequest, _ parts: LaunchParts) -> JailPlan.Terminal {
        switch request.terminal {
        case .asLaunched(let columns, let rows):
            parts.wantsTerminal ? .pty(columns: columns, rows: rows) : .pipes(input: parts.wantsInput)
        case .pty(let columns, let rows): .pty(columns: columns, rows: rows)
        case .pipes: .pipes(input: parts.wantsInput)
        case .inherit: .inherit
        }
    }

    /// Built from nothing; later ones win: what every program expects, the profile's, the launcher's, the request's.
    private func environment(
        _ request: PlanRequest, _ parts: LaunchParts, _ setting: PlanSetting, _ terminal: JailPlan.Terminal
    ) throws(PlanError) -> [String: String] {
        var environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": setting.home, "USER": userName(request.owner),
            "LOGNAME": userName(request.owner), "SHELL": "/bin/sh", "LANG": "C.UTF-8",
        ]
        // Where the programs of administration are.
        if layer.users.root == true {
            environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        }
        if case .pty = terminal { environment["TERM"] = "xterm-256color" }
        if !layer.credentials.isEmpty { environment["CREDENTIALS_DIRECTORY"] = Credentials.directory }
        let templates = layer.environment.merging(parts.environment) { $1 }
        for (name, template) in templates.sorted(by: { $0.key < $1.key }) {
            environment[name] = try setting.expand(template)
        }
        for (name, value) in request.environment {
            guard !name.isEmpty, !name.utf8.contains(0x3D), !name.utf8.contains(0), !value.utf8.contains(0) else {
                throw PlanError(.request("env.\(name)"), "the environment variable \"\(name)\" is not a valid one")
            }
            environment[name] = value
        }
        return environment
    }

    private func limits(_ request: PlanRequest) throws(PlanError) -> [JailPlan.ResourceLimit] {
        var limits = layer.resourceLimits.map {
            JailPlan.ResourceLimit(resource: $0.key, soft: $0.value.soft, hard: $0.value.hard)
        }
        let most = request.bounds.limits.files
        let files: UInt64? = try narrowed(layer.limits.files, request.limits.files, "files", most)
        if let files { limits.append(.init(resource: "nofile", soft: files, hard: files)) }
        return limits.sorted { $0.resource < $1.resource }
    }

    private func resources(_ request: PlanRequest) throws(PlanError) -> JailPlan.CgroupLimits {
        var resources = layer.limits.resources
        let asked = request.limits
        let most = request.bounds.limits.resources
        resources.memory = try narrowed(resources.memory, asked.memory, "memory", most.memory)
        resources.swap = try narrowed(resources.swap, asked.swap, "swap", most.swap, mayBeNothing: true)
        resources.processes = try narrowed(resources.processes, asked.pids, "pids", most.processes)
        resources.processors = try narrowed(resources.processors, asked.cpu, "cpu", most.processors)
        // Above the limit it would never be reached.
        if let memory = resources.memory { resources.memoryHigh = resources.memoryHigh.map { min($0, memory) } }
        return resources
    }

    private func timeouts(_ request: PlanRequest, _ parts: LaunchParts) throws(PlanError) -> JailPlan.Timeouts {
        let asked = request.timeouts
        let most = request.bounds.timeouts
        func narrowed(_ limit: Int64?, _ wanted: Duration?, _ member: String, _ most: Int64?) throws(PlanError)
            -> Int64?
        {
            guard let wanted else { return lesser(limit, most) }
            guard wanted >= .milliseconds(1) || member == "grace" else {
                throw PlanError(.request("timeouts.\(member)"), "the timeout \(member) cannot be 0")
            }
            try refuse(
                wanted.milliseconds, over: limit, most, "timeouts.\(member)", "the timeout \(member)"
            ) { "\(Duration.milliseconds($0))" }
            return wanted.milliseconds
        }
        var timeouts = JailPlan.Timeouts(
            wall: try narrowed(layer.timeouts.wall, asked.wall, "wall", most.wall),
            cpu: try narrowed(layer.timeouts.cpu, asked.cpu, "cpu", most.cpu),
            idle: try narrowed(layer.timeouts.idle, asked.idle, "idle", most.idle),
            start: try narrowed(layer.timeouts.start, asked.start, "start", most.start),
            grace: try narrowed(grace.milliseconds, asked.grace, "grace", most.grace?.milliseconds)
                ?? grace.milliseconds)
        if !parts.stopSignals.isEmpty { timeouts.stopSignals = parts.stopSignals }
        return timeouts
    }

    /// - Parameter most: what the operator grants: asking for more is refused, and a profile that gives more is cut.
    private func narrowed(
        _ limit: UInt64?, _ wanted: UInt64?, _ member: String, _ most: UInt64?, mayBeNothing: Bool = false
    ) throws(PlanError) -> UInt64? {
        guard let wanted else { return lesser(limit, most) }
        try refuse(wanted, over: limit, most, "limits.\(member)", member) { "\($0)" }
        guard wanted > 0 || mayBeNothing else {
            throw PlanError(.request("limits.\(member)"), "\(member) cannot be 0")
        }
        return wanted
    }

    private func narrowed(
        _ limit: UInt64, _ wanted: UInt64?, _ member: String, _ most: UInt64?
    ) throws(PlanError) -> UInt64 {
        try narrowed(Optional(limit), wanted, member, most) ?? limit
    }

    private func refuse<Value: Comparable>(
        _ wanted: Value, over limit: Value?, _ most: Value?, _ path: String, _ subject: String,
        _ shown: (Value) -> String
    ) throws(PlanError) {
        if let limit, wanted > limit {
            throw PlanError(
                .request(path),
                "\(subject) can only be narrowed: the profile \(name) allows \(shown(limit)), asked for are "
                    + shown(wanted))
        }
        if let most, wanted > most {
            throw PlanError(
                .refused,
                "\(subject) can be \(shown(most)) at most for agents of this user, by the operator's configuration; asked "
                    + "for are \(shown(wanted))")
        }
    }

    private func lesser<Value: Comparable>(_ one: Value?, _ other: Value?) -> Value? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}

/// What a launcher adds to a profile's plan.
struct LaunchParts {
    var arguments: [String] = []
    var program: ResolvedProgram?
    var environment: [String: Template] = [:]
    /// In the order of their numbers below `own/`.
    var ownDirectories: [Template] = []
    /// Files that stand in no own directory.
    var files: [(path: String, mode: UInt32, content: String, position: SourcePosition)] = []
    var wantsTerminal = true
    var wantsInput = false
    /// None for the plan's usual ones.
    var stopSignals: [Int32] = []
    var readiness: JailPlan.Readiness?
}
