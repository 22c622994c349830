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
            return configuration
        }
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
