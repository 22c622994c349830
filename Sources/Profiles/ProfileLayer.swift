// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What one profile file says, before it is laid over the profile that it extends.
struct ProfileLayer: ConfigurationLayer {
    typealias Name = ProfileName

    var extends: Located<ProfileName>?
    var description: String?
    var filesystem: [FilesystemRule] = []
    var workspace: WorkspaceMode?
    var network: NetworkMode?
    var files: UInt64?
    var tmp: UInt64?
    var grace: Duration?
    /// What it asks for that this version cannot do, by the name that `degrade` uses.
    var unenforced: [String: SourcePosition] = [:]
    var resourceLimits: [String: ResourceLimitRange] = [:]
    var refusal: Refusal?
    var allow: [String] = []
    var deny: [String] = []
    var environment: [String: Template] = [:]
    var hostname: String?
    var umask: UInt32?
    var degrade: Set<String> = []

    /// What `degrade` may name.
    static let degradable = [
        "limits.memory", "limits.swap", "limits.cpu", "limits.pids", "limits.io",
        "timeouts.wall", "timeouts.cpu", "timeouts.idle", "timeouts.start",
    ]

    static func read(_ mapping: ConfigurationMapping) -> ProfileLayer {
        var layer = ProfileLayer()
        layer.extends = mapping.name("extends")
        layer.description = mapping.string("description")?.value
        layer.filesystem = mapping.mapping("filesystem", FilesystemRule.read) ?? []
        layer.workspace = mapping.choice("workspace", of: WorkspaceMode.self).flatMap { mode in
            if mode.value == .overlay {
                mapping.problem(mode.position, "this version has no overlay workspaces yet; write direct or none")
            }
            return mode.value
        }
        layer.network = mapping.mapping("network", readNetwork) ?? nil
        mapping.mapping("limits") { layer.readLimits($0) }
        layer.resourceLimits = mapping.mapping("rlimits", ResourceLimitRange.read) ?? [:]
        mapping.mapping("timeouts") { layer.readTimeouts($0) }
        mapping.mapping("seccomp") { layer.readSystemCalls($0) }
        layer.environment = mapping.environment("environment")
        layer.hostname = mapping.hostname("hostname")
        layer.umask = mapping.fileMode("umask")
        for entry in mapping.strings("degrade") ?? [] {
            if !degradable.contains(entry.value) {
                mapping.problem(
                    entry.position,
                    "\"\(entry.value)\" is nothing that can degrade" + suggestion(for: entry.value, among: degradable))
            }
            layer.degrade.insert(entry.value)
        }
        for key in ["protect", "capabilities", "output"] {
            mapping.notYet(key, "this version does not have \"\(key)\" yet; remove it")
        }
        return layer
    }

    private static func readNetwork(_ mapping: ConfigurationMapping) -> NetworkMode? {
        mapping.notYet("allow", "this version has no network gateway yet, and so no list of allowed hosts")
        guard let mode = mapping.choice("mode", of: NetworkMode.self) else { return nil }
        if mode.value == .gateway {
            mapping.problem(mode.position, "this version has no network gateway yet; write none or host")
        }
        return mode.value
    }

    private mutating func readLimits(_ mapping: ConfigurationMapping) {
        // Codex needs 64 (48 fail), and a process that cannot open its libraries says nothing of use.
        files = mapping.integer("files", in: 64...1_048_576).map { UInt64($0.value) }
        tmp = mapping.byteCount("tmp", atLeast: 65536)?.value
        note("limits.memory", mapping.byteCount("memory", atLeast: 1 << 20)?.position)
        note("limits.swap", mapping.byteCount("swap")?.position)
        note("limits.pids", mapping.integer("pids", in: 1...4_194_304)?.position)
        note("limits.cpu", mapping.processors("cpu")?.position)
        note("limits.io", mapping.node("io")?.position)
    }

    private mutating func readTimeouts(_ mapping: ConfigurationMapping) {
        grace = mapping.duration("grace")?.value
        for key in ["wall", "cpu", "idle", "start"] {
            note("timeouts.\(key)", mapping.duration(key)?.position)
        }
    }

    private mutating func note(_ name: String, _ position: SourcePosition?) {
        if let position { unenforced[name] = position }
    }

    private mutating func readSystemCalls(_ mapping: ConfigurationMapping) {
        refusal = mapping.choice("default", of: Refusal.self)?.value
        func names(_ key: String) -> [String] {
            (mapping.strings(key) ?? []).map { name in
                if let problem = SystemCallSelection.problem(with: name.value) {
                    mapping.problem(name.position, problem)
                }
                return name.value
            }
        }
        allow = names("allow")
        deny = names("deny")
        mapping.notYet("log", "this version does not log refused system calls yet; remove \"log\"")
    }

    /// Lists append, single values override, mappings merge by key.
    func layered(over base: ProfileLayer) -> ProfileLayer {
        var layer = self
        layer.description = description ?? base.description
        layer.filesystem = base.filesystem + filesystem
        layer.workspace = workspace ?? base.workspace
        layer.network = network ?? base.network
        layer.files = files ?? base.files
        layer.tmp = tmp ?? base.tmp
        layer.grace = grace ?? base.grace
        layer.unenforced = base.unenforced.merging(unenforced) { $1 }
        layer.resourceLimits = base.resourceLimits.merging(resourceLimits) { $1 }
        layer.refusal = refusal ?? base.refusal
        layer.allow = base.allow + allow
        layer.deny = base.deny + deny
        layer.environment = base.environment.merging(environment) { $1 }
        layer.hostname = hostname ?? base.hostname
        layer.umask = umask ?? base.umask
        layer.degrade = base.degrade.union(degrade)
        return layer
    }
}

/// How an agent gets at its workspace.
package enum WorkspaceMode: String, CaseIterable, Sendable {
    /// The host's own directory, writable, at its own path.
    case direct
    case overlay
    case none
}

enum NetworkMode: String, CaseIterable, Sendable {
    case none
    case gateway
    case host
}
