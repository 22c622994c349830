// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// A sandbox profile with everything that it extends: what an agent under it can see and do.
package struct Profile: Sendable {
    package let name: String
    /// Its own file, then those that it extends, in that order.
    package let files: [String]
    package let description: String?
    package let workspace: WorkspaceMode
    package let identity: IdentityMode
    package let network: JailPlan.Network
    /// Between the stop signals and the end, all together.
    package let grace: Duration
    /// Bytes of output that are kept of an agent; nil leaves it to the daemon.
    package var ring: UInt64? { layer.output.ring }
    package let systemCalls: JailPlan.SystemCallPolicy
    let layer: ProfileLayer

    /// What the host executes or obeys by itself, as written: below the workspace if relative, and with variables.
    /// Under an overlay nothing of it is protected inside the jail, and whoever applies the changes has to look at it.
    package var protect: [String] { layer.protect.map(\.source) }

    init(_ chain: ConfigurationLibrary<ProfileLayer>.Chain) throws(ProfileProblems) {
        let findings = Findings()
        let merged = chain.merged
        if let merged, chain.isWhole { Self.look(at: merged, of: chain, findings) }
        let problems = chain.problems(and: findings)
        guard let merged, problems.isEmpty else { throw ProfileProblems(problems) }

        layer = merged
        name = chain.names[0]
        files = chain.files
        description = merged.description
        workspace = merged.workspace ?? .none
        identity = merged.identity ?? .owner
        network = merged.network.mode == .host ? .host : .none
        grace = merged.timeouts.grace ?? .seconds(10)
        let calls = merged.systemCalls
        systemCalls = SystemCallSelection.policy(
            allow: calls.allow, deny: calls.deny, refusal: (calls.refusal ?? .permission).plan,
            families: calls.families, log: calls.log ?? false)
    }

    /// What can only be said of all layers together.
    private static func look(
        at layer: ProfileLayer, of chain: ConfigurationLibrary<ProfileLayer>.Chain, _ findings: Findings
    ) {
        // With a mistake in a list it may only look empty.
        if layer.systemCalls.allow.isEmpty, chain.problems.isEmpty {
            findings.add(
                SourcePosition(file: chain.files[0]),
                "the profile allows no system call: extend base, or allow @system-service")
        }
        if let position = layer.users.subordinatePosition, layer.identity == .dynamic {
            findings.add(position, "an identity of the agent's own (identity: dynamic) has no subordinate users")
        }
        if let position = layer.network.portsPosition, (layer.network.mode ?? NetworkMode.none) == NetworkMode.none {
            findings.add(position, "there are ports to choose only with the host's network: write mode: host")
        }
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

    /// - Parameter settings: pieces of a profile, as YAML, that are laid over it.
    package func load(named name: ProfileName, settings: [String] = []) throws(ProfileProblems) -> Profile {
        var chain = try library.chain(named: name)
        chain.lay(over: settings)
        return try Profile(chain)
    }

    /// Where a name's file is; nil when there is none.
    package func file(of name: ProfileName) -> String? { library.file(of: name) }

    /// A text that is to become the file of that name: `NAME.yaml` in messages. What it extends is in the library.
    package func load(text: String, named name: ProfileName) throws(ProfileProblems) -> Profile {
        try Profile(library.chain(file: "\(name).yaml", called: name.rawValue, text: text))
    }

    /// A profile with all that it extends, as one document, and the files that it is made of.
    package func resolved(named name: ProfileName) throws(ProfileProblems) -> (files: [String], document: JSONText) {
        let chain = try library.chain(named: name)
        // What is wrong with it is found there.
        _ = try Profile(chain)
        return (chain.files, .object(MergedDocument.members(of: chain.documents)))
    }

    /// A file that need not be in a directory of the library. What it extends is.
    package func load(file: String, settings: [String] = []) throws(ProfileProblems) -> Profile {
        var chain = library.chain(file: file, called: ConfigurationFile.name(of: file))
        chain.lay(over: settings)
        return try Profile(chain)
    }
}

enum ConfigurationFile {
    /// `codex` for `/etc/agent-supervisor/profiles/codex.yaml`.
    static func name(of file: String) -> String {
        let last = file.split(separator: "/").last.map(String.init) ?? file
        return last.hasSuffix(".yaml") ? String(last.dropLast(5)) : last
    }
}
