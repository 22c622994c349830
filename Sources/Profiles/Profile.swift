// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// A sandbox profile with everything that it extends: what an agent under it can see and do.
package struct Profile: Sendable {
    package let name: String
    /// Its own file, then those that it extends, in that order.
    package let files: [String]
    package let description: String?
    /// What `degrade` allows to be missing and this version cannot give: `limits.memory` …, sorted.
    package let missing: [String]
    package let workspace: WorkspaceMode
    package let network: JailPlan.Network
    /// Between the stop signals and the end, all together.
    package let grace: Duration
    package let systemCalls: JailPlan.SystemCallPolicy
    let filesystem: [FilesystemRule]
    let openFiles: UInt64?
    let tmpSize: UInt64
    let resourceLimits: [String: ResourceLimitRange]
    let environment: [String: Template]
    let hostname: String?
    let umask: UInt32

    init(_ chain: ConfigurationLibrary<ProfileLayer>.Chain) throws(ProfileProblems) {
        let layer = try chain.merged()
        let findings = Findings()
        let position = SourcePosition(file: chain.files[0])
        if layer.allow.isEmpty {
            findings.add(position, "the profile allows no system call: extend base, or allow @system-service")
        }
        for (name, position) in layer.unenforced where !layer.degrade.contains(name) {
            findings.add(
                position,
                "this version cannot enforce \(name); remove it, or name it under \"degrade\" to go without")
        }
        try findings.conclude(())

        name = chain.names[0]
        files = chain.files
        description = layer.description
        missing = layer.unenforced.keys.sorted()
        workspace = layer.workspace ?? .none
        network = layer.network == .host ? .host : .none
        grace = layer.grace ?? .seconds(10)
        systemCalls = SystemCallSelection.policy(
            allow: layer.allow, deny: layer.deny, refusal: (layer.refusal ?? .permission).plan)
        filesystem = layer.filesystem
        openFiles = layer.files
        tmpSize = layer.tmp ?? 512 << 20
        resourceLimits = layer.resourceLimits
        environment = layer.environment
        hostname = layer.hostname
        umask = layer.umask ?? 0o022
    }
}

/// The profiles in a list of directories, of which the first that has a name wins.
package struct ProfileLibrary: Sendable {
    private let library: ConfigurationLibrary<ProfileLayer>

    package init(directories: [String]) {
        library = ConfigurationLibrary(directories: directories)
    }

    /// Every name that ``load(named:)`` would find a file for, sorted. Whether they are any good is not looked at.
    package func names() -> [ProfileName] { library.names() }

    package func load(named name: ProfileName) throws(ProfileProblems) -> Profile {
        try Profile(library.chain(named: name))
    }

    /// A file that need not be in a directory of the library. What it extends is.
    package func load(file: String) throws(ProfileProblems) -> Profile {
        try Profile(library.chain(file: file, called: ConfigurationFile.name(of: file)))
    }
}

enum ConfigurationFile {
    /// `codex` for `/etc/agent-supervisor/profiles/codex.yaml`.
    static func name(of file: String) -> String {
        let last = file.split(separator: "/").last.map(String.init) ?? file
        return last.hasSuffix(".yaml") ? String(last.dropLast(5)) : last
    }
}
