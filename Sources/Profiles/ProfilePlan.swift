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
        let hostname = hostname ?? Hostname.from(agent: request.agent)
        var root = RootAssembly(setting: setting, tmpSize: try narrowed(tmpSize, request.limits.tmp, "tmp"))
        for rule in filesystem { try root.add(rule) }
        try root.addWorkspace()
        try root.add(parts)
        for path in request.hidden { try root.hide(path) }
        root.addGenerated(
            GeneratedFiles(
                owner: request.owner, shell: environment["SHELL"] ?? "/bin/sh", hostname: hostname, network: network))
        return JailPlan(
            identity: .init(uid: request.owner.uid, gid: request.owner.gid, groups: request.owner.groups),
            hostname: hostname, network: network, cgroup: request.cgroup, filesystem: root.ordered,
            command: .init(
                arguments: parts.arguments, environment: environment, workingDirectory: root.workingDirectory),
            terminal: terminal, limits: try limits(request), umask: umask, systemCalls: systemCalls)
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
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": setting.home, "USER": request.owner.name,
            "LOGNAME": request.owner.name, "SHELL": "/bin/sh", "LANG": "C.UTF-8",
        ]
        if case .pty = terminal { environment["TERM"] = "xterm-256color" }
        let templates = self.environment.merging(parts.environment) { $1 }
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
        var limits = resourceLimits.map {
            JailPlan.ResourceLimit(resource: $0.key, soft: $0.value.soft, hard: $0.value.hard)
        }
        let files: UInt64? = try narrowed(openFiles, request.limits.files, "files")
        if let files { limits.append(.init(resource: "nofile", soft: files, hard: files)) }
        return limits.sorted { $0.resource < $1.resource }
    }

    private func narrowed(_ limit: UInt64?, _ wanted: UInt64?, _ member: String) throws(PlanError) -> UInt64? {
        guard let wanted else { return limit }
        if let limit, wanted > limit {
            throw PlanError(
                .request("limits.\(member)"),
                "\(member) can only be narrowed: the profile \(name) allows \(limit), asked for are \(wanted)")
        }
        guard wanted > 0 else { throw PlanError(.request("limits.\(member)"), "\(member) cannot be 0") }
        return wanted
    }

    private func narrowed(_ limit: UInt64, _ wanted: UInt64?, _ member: String) throws(PlanError) -> UInt64 {
        try narrowed(Optional(limit), wanted, member) ?? limit
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
}
