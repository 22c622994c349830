// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// How a program is run as an agent: which, with which words, environment and files.
package struct Launcher: Sendable {
    package let name: String
    /// Its own file, then those that it extends, in that order.
    package let files: [String]
    package let description: String?
    /// The profile for an agent whose request names none.
    package let profile: ProfileName
    /// Whether the request must have a prompt; if not, it may not.
    package let takesPrompt: Bool
    /// Whether the request may have words of its own.
    package let takesArguments: Bool
    let layer: LauncherLayer

    init(_ chain: ConfigurationLibrary<LauncherLayer>.Chain) throws(ProfileProblems) {
        let findings = Findings()
        let merged = chain.merged
        let position = SourcePosition(file: chain.files[0])
        // In what cannot be read there may be what seems to be missing.
        if let merged, chain.isWhole, chain.problems.isEmpty {
            if merged.profile == nil { findings.add(position, "the launcher names no profile") }
            if merged.program == nil, (merged.arguments ?? []).isEmpty {
                findings.add(position, "the launcher has neither a program nor arguments")
            }
        }
        let problems = chain.problems(and: findings)
        guard let merged, let profile = merged.profile?.value, problems.isEmpty else {
            throw ProfileProblems(problems)
        }
        let arguments = merged.arguments ?? []
        layer = merged
        self.profile = profile
        name = chain.names[0]
        files = chain.files
        description = layer.description
        takesArguments = arguments.contains(.requestWords)
        takesPrompt = arguments.contains { argument in
            if case .word(let template) = argument { template.variables.contains(.prompt) } else { false }
        }
    }

    /// Everything that starting an agent with this launcher under `profile` needs. Reads the host's file system for the
    /// program, and writes nothing.
    ///
    /// - Throws: what in the request does not go with launcher or profile.
    package func assemble(_ request: PlanRequest, profile: Profile) throws(PlanError) -> Assembled {
        guard takesPrompt == (request.prompt != nil) else {
            let fault = takesPrompt ? "needs a prompt" : "takes no prompt"
            throw PlanError(.request("prompt"), "the launcher \(name) \(fault)")
        }
        guard takesArguments || request.arguments.isEmpty else {
            throw PlanError(.request("command"), "the launcher \(name) takes no arguments")
        }
        var parts = LaunchParts()
        parts.environment = layer.environment
        parts.ownDirectories = layer.ownDirectories
        parts.wantsTerminal = layer.tty ?? true
        parts.wantsInput = layer.input ?? false
        parts.readiness = layer.ready

        if let allowed = request.bounds.profiles, !allowed.contains(where: { $0.rawValue == profile.name }) {
            let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            throw PlanError(
                .refused,
                "agents of this user may not use the profile \(profile.name), by the operator's configuration; it allows "
                    + (names.isEmpty ? "none" : names))
        }
        var setting = try PlanSetting(request, under: profile)
        if let program = layer.program {
            let resolved = try ResolvedProgram(
                setting.expand(program), at: program.position, programs: request.programs,
                searchPath: request.searchPath, markers: layer.package ?? [], home: setting.home)
            setting.adopt(resolved)
            parts.program = resolved
        }
        parts.arguments = try words(request, setting, program: parts.program)
        let directories = try place(setting, &parts)
        let stop = layer.stop ?? ["SIGINT", "SIGTERM"]
        parts.stopSignals = stop.compactMap { LauncherLayer.signals[$0] }
        let plan = try profile.plan(request, parts, setting)
        return Assembled(
            plan: plan, ownDirectories: directories, stopSignals: stop,
            missing: profile.missing(from: plan), launcherName: name, profileName: profile.name,
            grace: .milliseconds(plan.timeouts.grace),
            restart: request.restart.layered(over: profile.layer.restart.layered(over: layer.restart)).policy,
            ring: profile.ring)
    }

    private func words(_ request: PlanRequest, _ setting: PlanSetting, program: ResolvedProgram?)
        throws(PlanError) -> [String]
    {
        var words = program.map { [$0.path] } ?? []
        let again = request.isRestart ? layer.restartArguments : nil
        for argument in again ?? layer.arguments ?? [] {
            switch argument {
            case .requestWords: words += request.arguments
            case .word(let template): words.append(try setting.expand(template, prompt: request.prompt))
            }
        }
        guard let first = words.first, !first.isEmpty else {
            throw PlanError(.request("command"), "the launcher \(name) needs a command to run")
        }
        guard !words.contains(where: { $0.utf8.contains(0) }) else {
            throw PlanError(.request("command"), "an argument or the prompt holds a NUL character")
        }
        return words
    }

    /// Sorts the launcher's files into its own directories; the rest go into the plan. Of two for one path the later
    /// wins, so that a launcher can replace a file of the one that it extends.
    private func place(_ setting: PlanSetting, _ parts: inout LaunchParts) throws(PlanError) -> [OwnDirectory] {
        var roots: [String] = []
        for template in parts.ownDirectories { roots.append(try setting.target(of: template)) }
        var directories = roots.indices.map { OwnDirectory(relativePath: "own/\($0)", files: []) }
        for file in layer.files {
            let path = try setting.target(of: file.path)
            // The innermost own directory is the one that covers the path in the jail.
            let holders = roots.indices.filter { JailPath.contains(roots[$0], path) }
            guard let holder = holders.max(by: { roots[$0].utf8.count < roots[$1].utf8.count }) else {
                parts.files.append((path, file.mode, file.content, file.path.position))
                continue
            }
            let name = String(path.dropFirst(roots[holder].count + 1))
            guard !name.isEmpty else {
                throw PlanError(.file(file.path.position), "\(path) is an own directory and cannot be a file as well")
            }
            directories[holder].files.removeAll { $0.name == name }
            directories[holder].files.append(.init(name: name, mode: file.mode, content: file.content))
        }
        return directories
    }
}

/// The launchers in a list of directories, of which the first that has a name wins.
package struct LauncherLibrary: Sendable {
    private let library: ConfigurationLibrary<LauncherLayer>

    package init(directories: [String]) {
        library = ConfigurationLibrary(directories: directories)
    }

    /// Every name that ``load(named:)`` would find a file for, sorted. Whether they are any good is not looked at.
    package func names() -> [LauncherName] { library.names() }

    package func load(named name: LauncherName) throws(ProfileProblems) -> Launcher {
        try Launcher(library.chain(named: name))
    }

    /// A file that need not be in a directory of the library. What it extends is.
    package func load(file: String) throws(ProfileProblems) -> Launcher {
        try Launcher(library.chain(file: file, called: ConfigurationFile.name(of: file)))
    }
}
