// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Profiles

/// `config.yaml`. Every key may be left out.
struct ConfigurationFile: Sendable {
    /// Where profiles and launchers are looked for first.
    var profiles: [String] = []
    var launchers: [String] = []
    /// Programs that launchers name, by name.
    var programs: [String: String] = [:]
    /// For a command that names no profile.
    var defaultProfile: ProfileName?
    /// Bytes of output that are kept of each agent.
    var ring: UInt64?
    var limits = Admission.Limits()
    var retention = Retention()
    /// For profiles with `identity: dynamic`.
    var identityPool: IdentityPool?
    /// Who may do what; nil where nothing is said.
    var access: [AccessRules.Rule]?
    var clients = ClientLimits()

    init() {}

    init(file: String) throws(ProfileProblems) {
        self = try ConfigurationDocument(file: file).decode { mapping in
            var configuration = ConfigurationFile()
            configuration.profiles = Self.directories("profiles", mapping)
            configuration.launchers = Self.directories("launchers", mapping)
            for (name, path) in mapping.texts("programs") ?? [:] {
                Self.requireAbsolute(path, mapping)
                configuration.programs[name] = path.value
            }
            if let name = mapping.string("default_profile") {
                configuration.defaultProfile = ProfileName(name.value)
                if configuration.defaultProfile == nil {
                    mapping.problem(name.position, "\"\(name.value)\" cannot be the name of a profile")
                }
            }
            configuration.ring = mapping.mapping("output") { $0.byteCount("ring", atLeast: 1 << 20)?.value } ?? nil
            configuration.limits = mapping.mapping("agents", Self.limits) ?? .init()
            configuration.retention = mapping.mapping("retention", Self.retention) ?? .init()
            configuration.identityPool = mapping.mapping("identity_pool", Self.identityPool) ?? nil
            configuration.access = AccessRules.read(mapping)
            configuration.clients = mapping.mapping("clients", ClientLimits.read) ?? .init()
            return configuration
        }
    }

    private static func limits(_ mapping: ConfigurationMapping) -> Admission.Limits {
        var limits = Admission.Limits()
        limits.running = mapping.integer("running", in: 1...100_000).map { Int($0.value) }
        limits.perOwner = mapping.integer("per_owner", in: 1...100_000).map { Int($0.value) }
        let queued = mapping.integer("queued_per_owner", in: 0...100_000).map { Int($0.value) }
        limits.queuedPerOwner = queued ?? limits.queuedPerOwner
        return limits
    }

    private static func retention(_ mapping: ConfigurationMapping) -> Retention {
        var retention = Retention()
        retention.age = mapping.duration("age")?.value ?? retention.age
        retention.count = mapping.integer("count", in: 0...1_000_000).map { Int($0.value) } ?? retention.count
        retention.bytes = mapping.byteCount("size")?.value ?? retention.bytes
        retention.eventAge = mapping.duration("events")?.value ?? retention.eventAge
        return retention
    }

    /// Above the numbers that distributions give to people and services, and below (uid_t)-2 and -1, which mean nobody.
    private static func identityPool(_ mapping: ConfigurationMapping) -> IdentityPool? {
        let first = mapping.integer("first", in: 65_536...4_000_000_000)
        let count = mapping.integer("count", in: 1...1_000_000)
        guard let first, let count else {
            return nil
        }
        return IdentityPool(first: UInt32(first.value), count: UInt32(count.value))
    }

    private static func directories(_ key: String, _ mapping: ConfigurationMapping) -> [String] {
        let directories = mapping.strings(key) ?? []
        for directory in directories { requireAbsolute(directory, mapping) }
        return directories.map(\.value)
    }

    private static func requireAbsolute(_ path: Located<String>, _ mapping: ConfigurationMapping) {
        if !path.value.hasPrefix("/") { mapping.problem(path.position, "\"\(path.value)\" is not an absolute path") }
    }
}
