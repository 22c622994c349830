// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import FoundationEssentials
import Linux
import Logging
import Profiles

/// The command line.
struct Flags: ParsableArguments {
    @Flag(help: "Run for the user who starts it, with state and socket in the user's own directories.")
    var user = false

    @Option(help: ArgumentHelp("The control socket.", valueName: "path"))
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "A second socket, on which clients can see and change nothing. Without it there is none.",
            valueName: "path"))
    var readOnlySocket: String?

    @Option(help: ArgumentHelp("Where agents, their output and the database are kept.", valueName: "directory"))
    var stateDir: String?

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The program jail; without it the one beside supervisord.", valueName: "path"))
    var jail: String?

    @Option(help: ArgumentHelp("Look for profiles here first. May be repeated.", valueName: "directory"))
    var profiles: [String] = []

    @Option(help: ArgumentHelp("Look for launchers here first. May be repeated.", valueName: "directory"))
    var launchers: [String] = []

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: Logger.Level = .info
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

/// A sentence about what is wrong with how the daemon was started.
struct UsageProblem: Error, CustomStringConvertible {
    let description: String
}

extension Flags {
    /// Everything with its defaults. Reads the configuration file, and changes nothing.
    ///
    /// - Parameters:
    ///   - executable: the path of this program.
    ///   - activated: sockets that were handed over.
    func resolve(
        environment: [String: String], workingDirectory: String, executable: String, uid: UInt32,
        activated: [ActivatedSockets.Place] = []
    ) throws -> (settings: Settings, configuration: DaemonConfiguration) {
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)" }
        let base = BaseDirectories(isUser: user, environment: environment)
        let stateDirectory = try stateDir.map(absolute) ?? base.state()
        if !activated.isEmpty, socket != nil || readOnlySocket != nil {
            throw UsageProblem(
                description:
                    "the service manager has handed over sockets, and --socket or --read-only-socket names another; "
                    + "say in one place only where the daemon listens")
        }
        let handedOver = activated.first { !$0.isReadOnly }?.path
        let socket = try socket.map(absolute) ?? handedOver ?? base.socket()
        let beside = executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? ""

        var file = ConfigurationFile()
        let configuration = config.map(absolute) ?? base.configuration()
        if let configuration, config != nil || access(configuration, F_OK) == 0 {
            file = try ConfigurationFile(file: configuration)
            if user, file.access != nil {
                throw UsageProblem(
                    description:
                        "\(configuration): \"access\" is for the daemon of a whole machine; one that runs with "
                        + "--user serves its own user alone")
            }
        }
        let settings = Settings(
            mode: user ? .user : .system, uid: uid, stateDirectory: stateDirectory, socket: socket,
            readOnlySocket: readOnlySocket.map(absolute), activated: activated,
            jail: jail.map(absolute) ?? "\(beside)/jail")
        let path = user ? environment["PATH"] : nil
        let planner = AgentPlanner(
            profiles: ProfileLibrary(
                directories: SearchPath.profiles(
                    explicit: profiles.map(absolute) + file.profiles, environment: environment, executable: executable)),
            launchers: LauncherLibrary(
                directories: SearchPath.launchers(
                    explicit: launchers.map(absolute) + file.launchers, environment: environment,
                    executable: executable)),
            programs: file.programs,
            searchPath: (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init),
            hidden: [stateDirectory] + settings.hiddenSockets + (configuration.map { [$0] } ?? []),
            defaultProfile: file.defaultProfile, fallbackHome: user ? environment["HOME"] ?? "/" : nil,
            access: AccessRules(rules: file.access, daemon: uid))
        return (
            settings,
            DaemonConfiguration(
                planner: planner, ring: file.ring ?? 64 << 20, identityPool: file.identityPool, limits: file.limits,
                retention: file.retention, clients: file.clients)
        )
    }
}

/// Where things are when nobody says where.
private struct BaseDirectories {
    let isUser: Bool
    let environment: [String: String]

    func state() throws -> String {
        guard isUser else { return "/var/lib/agent-supervisor" }
        if let state = absolute("XDG_STATE_HOME") { return "\(state)/agent-supervisor" }
        guard let home = absolute("HOME") else {
            throw UsageProblem(description: "neither XDG_STATE_HOME nor HOME is set; say where with --state-dir")
        }
        return "\(home)/.local/state/agent-supervisor"
    }

    func socket() throws -> String {
        guard isUser else { return "/run/agent-supervisor/control.sock" }
        guard let runtime = absolute("XDG_RUNTIME_DIR") else {
            throw UsageProblem(description: "XDG_RUNTIME_DIR is not set; say where the socket is to be with --socket")
        }
        return "\(runtime)/agent-supervisor/control.sock"
    }

    func configuration() -> String? {
        guard isUser else { return "/etc/agent-supervisor/config.yaml" }
        let configuration = absolute("XDG_CONFIG_HOME") ?? absolute("HOME").map { "\($0)/.config" }
        return configuration.map { "\($0)/agent-supervisor/config.yaml" }
    }

    /// A relative path in one of these is to be ignored (XDG Base Directory Specification).
    private func absolute(_ variable: String) -> String? {
        environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
}
