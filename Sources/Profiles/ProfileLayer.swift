// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What one profile file says, before it is laid over the profile that it extends.
struct ProfileLayer: ConfigurationLayer {
    typealias Name = ProfileName

    var extends: Located<ProfileName>?
    var description: String?
    var filesystem = FilesystemSection()
    var workspace: WorkspaceMode?
    var workingDirectory: Template?
    var protect: [ProtectedPath] = []
    var identity: IdentityMode?
    var users = UsersSection()
    var network = NetworkSection()
    var limits = LimitsSection()
    var resourceLimits: [String: ResourceLimitRange] = [:]
    var process = ProcessSection()
    var clocks = ClocksSection()
    var timeouts = TimeoutsSection()
    var restart = RestartSection()
    var output = OutputSection()
    var systemCalls = SystemCallsSection()
    var capabilities: [String] = []
    /// Paths on the host, by name.
    var credentials: [String: Template] = [:]
    var environment: [String: Template] = [:]
    var hostname: String?
    var umask: UInt32?
    var degrade: Set<String> = []

    static func read(_ mapping: ConfigurationMapping) -> ProfileLayer {
        var layer = ProfileLayer()
        layer.extends = mapping.name("extends")
        layer.description = mapping.string("description")?.value
        layer.filesystem = mapping.mapping("filesystem", FilesystemSection.read) ?? .init()
        layer.workspace = mapping.choice("workspace", of: WorkspaceMode.self)?.value
        layer.workingDirectory = mapping.string("working_directory").flatMap {
            mapping.path($0, normal: JailPath.normalised)
        }
        layer.protect = (mapping.strings("protect") ?? []).compactMap { ProtectedPath($0, mapping) }
        layer.identity = mapping.choice("identity", of: IdentityMode.self)?.value
        layer.users = mapping.mapping("users", UsersSection.read) ?? .init()
        layer.network = mapping.mapping("network", NetworkSection.read) ?? .init()
        layer.limits = mapping.mapping("limits", LimitsSection.read) ?? .init()
        layer.resourceLimits = mapping.mapping("rlimits", ResourceLimitRange.read) ?? [:]
        layer.process = mapping.mapping("process", ProcessSection.read) ?? .init()
        layer.clocks = mapping.mapping("clocks", ClocksSection.read) ?? .init()
        layer.timeouts = mapping.mapping("timeouts", TimeoutsSection.read) ?? .init()
        layer.restart = mapping.mapping("restart", RestartSection.read) ?? .init()
        layer.output = mapping.mapping("output", OutputSection.read) ?? .init()
        layer.systemCalls = mapping.mapping("seccomp", SystemCallsSection.read) ?? .init()
        layer.capabilities = Capabilities.read(mapping)
        layer.credentials = Credentials.read(mapping)
        layer.environment = mapping.environment("environment")
        layer.hostname = mapping.hostname("hostname")
        layer.umask = mapping.fileMode("umask")
        for entry in mapping.strings("degrade", among: Degradable.names) ?? [] {
            if !Degradable.names.contains(entry.value) {
                mapping.problem(
                    entry.position,
                    "\"\(entry.value)\" is nothing that can degrade"
                        + suggestion(for: entry.value, among: Degradable.names))
            }
            layer.degrade.insert(entry.value)
        }
        return layer
    }

    /// Lists append, single values override, mappings merge by key.
    func layered(over base: ProfileLayer) -> ProfileLayer {
        var layer = self
        layer.description = description ?? base.description
        layer.filesystem = filesystem.layered(over: base.filesystem)
        layer.workspace = workspace ?? base.workspace
        layer.workingDirectory = workingDirectory ?? base.workingDirectory
        layer.protect = base.protect + protect
        layer.identity = identity ?? base.identity
        layer.users = users.layered(over: base.users)
        layer.network = network.layered(over: base.network)
        layer.limits = limits.layered(over: base.limits)
        layer.resourceLimits = base.resourceLimits.merging(resourceLimits) { $1 }
        layer.process = process.layered(over: base.process)
        layer.clocks = clocks.layered(over: base.clocks)
        layer.timeouts = timeouts.layered(over: base.timeouts)
        layer.restart = restart.layered(over: base.restart)
        layer.output = OutputSection(ring: output.ring ?? base.output.ring)
        layer.systemCalls = systemCalls.layered(over: base.systemCalls)
        layer.capabilities = base.capabilities + capabilities
        layer.credentials = base.credentials.merging(credentials) { $1 }
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
    /// The host's own directory, with all changes kept apart until somebody has looked at them.
    case overlay
    case none
}

/// Who the agent is to the host.
package enum IdentityMode: String, CaseIterable, Sendable {
    case owner
    /// A user and group that nobody else has, for as long as it lives.
    case dynamic
}

enum NetworkMode: String, CaseIterable, Sendable {
    case none
    case gateway
    case host
}
