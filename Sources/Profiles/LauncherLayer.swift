// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import JailPlan

/// What one launcher file says, before it is laid over the launcher that it extends.
struct LauncherLayer: ConfigurationLayer {
    typealias Name = LauncherName

    var extends: Located<LauncherName>?
    var description: String?
    var profile: Located<ProfileName>?
    var program: Template?
    var package: [String]?
    var arguments: [LauncherArgument]?
    var tty: Bool?
    var input: Bool?
    var environment: [String: Template] = [:]
    var ownDirectories: [Template] = []
    var files: [LauncherFile] = []
    var stop: [String]?
    var restart = RestartSection()
    /// What takes the place of `arguments` when an agent that has run is run again.
    var restartArguments: [LauncherArgument]?
    var ready: JailPlan.Readiness?

    /// What can be sent to a program to ask it to end.
    static let signals: [String: Int32] = [
        "SIGHUP": SIGHUP, "SIGINT": SIGINT, "SIGQUIT": SIGQUIT, "SIGTERM": SIGTERM, "SIGUSR1": SIGUSR1,
        "SIGUSR2": SIGUSR2,
    ]

    static func read(_ mapping: ConfigurationMapping) -> LauncherLayer {
        var layer = LauncherLayer()
        layer.extends = mapping.name("extends")
        layer.description = mapping.string("description")?.value
        layer.profile = mapping.name("profile")
        layer.program = mapping.string("program").flatMap { text in
            Template(text, allowed: [.home, .user, .agent, .workspace], findings: mapping.findings)
        }
        layer.package = mapping.strings("package")?.map { marker in
            if marker.value.isEmpty || marker.value.contains("/") || marker.value == ".." {
                mapping.problem(marker.position, "\"\(marker.value)\" is not the name of a file")
            }
            return marker.value
        }
        layer.arguments = mapping.strings("arguments")?.compactMap { LauncherArgument($0, mapping.findings) }
        layer.tty = mapping.boolean("tty")?.value
        layer.input = mapping.boolean("input")?.value
        layer.environment = mapping.environment("environment")
        layer.ownDirectories = (mapping.strings("own_directories") ?? []).compactMap { mapping.path($0) }
        layer.files = mapping.list("files") { LauncherFile.read($0, in: mapping) } ?? []
        layer.stop = mapping.strings("stop", among: signals.keys)?.map { signal in
            if signals[signal.value] == nil {
                mapping.problem(
                    signal.position,
                    "\"\(signal.value)\" cannot be a stop signal"
                        + (signal.value == "SIGKILL"
                            ? "; what is left after the last one is killed anyway"
                            : suggestion(for: signal.value, among: signals.keys)))
            }
            return signal.value
        }
        layer.restart = mapping.mapping("restart", RestartSection.read) ?? .init()
        layer.restartArguments = mapping.strings("restart_arguments")?.compactMap {
            LauncherArgument($0, mapping.findings)
        }
        layer.ready = mapping.mapping("ready", ReadinessSection.read) ?? nil
        return layer
    }

    /// Single values and the ordered lists (`arguments`, `package`, `stop`, `restart_arguments`) override; `environment`,
    /// `own_directories` and `files` add.
    func layered(over base: LauncherLayer) -> LauncherLayer {
        var layer = self
        layer.description = description ?? base.description
        layer.profile = profile ?? base.profile
        layer.program = program ?? base.program
        layer.package = package ?? base.package
        layer.arguments = arguments ?? base.arguments
        layer.tty = tty ?? base.tty
        layer.input = input ?? base.input
        layer.environment = base.environment.merging(environment) { $1 }
        let inherited = Set(base.ownDirectories.map(\.source))
        layer.ownDirectories = base.ownDirectories + ownDirectories.filter { !inherited.contains($0.source) }
        layer.files = base.files + files
        layer.stop = stop ?? base.stop
        layer.restart = restart.layered(over: base.restart)
        layer.restartArguments = restartArguments ?? base.restartArguments
        layer.ready = ready ?? base.ready
        return layer
    }
}

/// One element of a launcher's `arguments`.
enum LauncherArgument: Sendable, Equatable {
    /// The request's words, none or many: an element that is nothing but `${arguments}`.
    case requestWords
    case word(Template)

    init?(_ text: Located<String>, _ findings: Findings) {
        if text.value == "${arguments}" {
            self = .requestWords
            return
        }
        if text.value.contains("${arguments}") {
            findings.add(text.position, "${arguments} stands for any number of words, and so must stand alone")
            return nil
        }
        guard let template = Template(text, allowed: Set.everywhere.union([.prompt]), findings: findings) else {
            return nil
        }
        self = .word(template)
    }
}

/// A file that a launcher writes for its program.
struct LauncherFile: Sendable {
    var path: Template
    var mode: UInt32
    var content: String

    static func read(_ node: ConfigurationNode, in mapping: ConfigurationMapping) -> LauncherFile? {
        let file = mapping.mapping(node, "a file as {path: …, mode: \"0600\", content: …}") { file -> LauncherFile? in
            let mode = file.fileMode("mode") ?? 0o600
            let content = file.required("content", "a file needs \"content\"")
            let path = file.required("path", "a file needs a \"path\"").flatMap { file.path($0) }
            return path.map { LauncherFile(path: $0, mode: mode, content: content?.value ?? "") }
        }
        return file ?? nil
    }
}
