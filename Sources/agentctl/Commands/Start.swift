// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import FoundationEssentials
import Glibc
import SupervisorClient

/// `agentctl start`
struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start an agent.",
        usage: """
            agentctl start <launcher> [<prompt>] [options] [-- ARGUMENTS…]
            agentctl start [options] -- COMMAND…
            """,
        discussion: """
            Prints the agent's name once it runs, or is queued. With a launcher, what follows -- is added to the launcher's own \
            arguments; without one it is the command to run. A prompt of - is read from the standard input.

            With --follow, ctrl-c leaves the agent running; on a terminal it asks first whether to stop it instead. It \
            then ends as ctrl-c ends any program, with 130.

              agentctl start codex "fix the failing test" --follow
              agentctl start --name shell --profile shell -- bash
            """)

    @Argument(help: "What runs the agent, such as codex.", completion: .custom(AgentCompletion.launchers))
    var launcher: String?

    @Argument(help: "What the agent is to do; - for the standard input.")
    var prompt: String?

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("A command, or more arguments for the launcher's.", valueName: "argument"))
    var words: [String] = []

    @Option(help: "A name for the agent (else one is made up).")
    var name: String?

    @Option(
        help: "The sandbox profile: a name, or a file when it contains a slash (else the launcher says).",
        completion: .custom(AgentCompletion.profiles))
    var profile: String?

    @Option(
        help: ArgumentHelp("The directory that the agent works in (else the current one).", valueName: "directory"),
        completion: .directory)
    var workspace: String?

    @Flag(help: "Give the agent no workspace.")
    var noWorkspace = false

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Set a variable, or pass on your own of that name; may be given more than once.", valueName: "name[=value]")
    )
    var env: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("A label, to find the agent by; may be given more than once.", valueName: "name=value"))
    var label: [String] = []

    @Flag(inversion: .prefixedNo, help: "Give the agent a terminal, or pipes (else the launcher says).")
    var tty: Bool?

    @Option(
        help: ArgumentHelp(
            "The terminal's size at first, such as 120x40 (else this terminal's).", valueName: "size"))
    var size: TerminalSize?

    @Option(
        help: ArgumentHelp(
            "Whose size it then takes of those who are attached; pinned: only \"resize\" changes it.",
            valueName: "policy"))
    var sizePolicy: SizePolicy?

    @Option(help: ArgumentHelp("How long \"stop\" waits for it, such as 10s.", valueName: "duration"))
    var grace: String?

    @Option(help: ArgumentHelp("End it so long after its start, such as 4h.", valueName: "duration"))
    var wall: String?

    @Option(help: ArgumentHelp("End it when it has done nothing for so long, such as 15m.", valueName: "duration"))
    var idle: String?

    @Option(help: ArgumentHelp("Run it again when it has ended by itself.", valueName: "policy"))
    var restart: AgentStart.Restart.Policy?

    @Flag(name: [.short, .long], help: "Show the output, and end with the agent's exit code.")
    var follow = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if launcher == nil, words.isEmpty { throw ValidationError("name a launcher, or give a command after --") }
        if noWorkspace, workspace != nil { throw ValidationError("--workspace and --no-workspace exclude each other") }
        if tty == false, size != nil || sizePolicy != nil {
            throw ValidationError("--no-tty and \(size != nil ? "--size" : "--size-policy") exclude each other")
        }
    }

    func run() async throws {
        let agent = try await start(try params())
        let isQueued = agent.state == .queued
        if follow || isQueued {
            let state = isQueued ? agent.stateText(at: .now()) : "started"
            StandardError.write("agentctl: \(agent.name) is \(state)\(follow ? ", and goes on if this ends" : "")")
        }
        guard follow else {
            return output.format == .table
                ? try StandardOutput.write("\(agent.name)\n")
                : try JSONOutput.write(agent, pretty: output.format == .json)
        }
        let interruption = FollowInterruption(agent: agent, address: try connection.address)
        Signals.set(interruption.hooks)
        defer { Signals.set(nil) }
        async let _ = Self.tellUntilItRuns(agent, address: try connection.address)
        var sink = output.sink
        let ended = try await OutputFollower(address: connection.address, agent: AgentReference(agent.id))
            .follow(from: 0, into: &sink)
        throw ExitCode(ended.exitCode)
    }

    /// Shows its place in the queue, and that it is being started, for as long as there is nothing else to see.
    private static func tellUntilItRuns(_ agent: Agent, address: DaemonAddress) async throws {
        guard StatusLine.isPossible, agent.state == .queued || agent.state == .starting else { return }
        defer { StatusLine.clear() }
        try await address.withConnection { client in
            var now = agent
            while now.state == .queued || now.state == .starting {
                try await Task.sleep(for: Progress.patience)
                now = try await client.call(AgentGet.self, .init(agent: AgentReference(agent.id)))
                if now.state == .queued || now.state == .starting {
                    StatusLine.show("\(now.name) is \(now.stateText(at: .now()))")
                }
            }
        }
    }

    /// A connection that breaks before the answer leaves it open whether the agent was started; by the request's key the
    /// daemon knows, so that asking again is safe.
    private func start(_ params: AgentStart.Params) async throws -> Agent {
        let title = name ?? launcher ?? words.first ?? ""
        var patience = Patience(isKnown: false)
        while true {
            do {
                return try await connection.withClient { client in
                    try await Progress.during({ "starting \(title), \($0)" }) {
                        try await client.call(AgentStart.self, params)
                    }
                }
            } catch {
                try await patience.wait(after: error)
            }
        }
    }

    private func params() throws -> AgentStart.Params {
        AgentStart.Params(
            launcher: launcher,
            command: launcher == nil ? words : nil,
            arguments: launcher == nil || words.isEmpty ? nil : words,
            prompt: prompt == "-" ? try StandardInput.text() : prompt,
            name: try name.map { try AgentName($0) },
            profile: try profile.map { $0.contains("/") ? try path($0) : $0 },
            workspace: try directory(),
            env: env.isEmpty ? nil : try Self.variables(env, own: ProcessInfo.processInfo.environment),
            tty: tty,
            size: tty == false ? nil : size ?? RawTerminal.size,
            sizePolicy: sizePolicy,
            labels: label.isEmpty ? nil : try Pairs.read(label, option: "--label"),
            restart: restart.map { AgentStart.Restart(policy: $0) },
            timeouts: try timeouts(),
            requestKey: UUID().uuidString)
    }

    private func directory() throws -> String? {
        if noWorkspace { return nil }
        guard workspace == nil, try !connection.address.isLocal else { return try path(workspace ?? ".") }
        throw Failure.usage(
            "say which directory of the other machine the agent works in, with --workspace, or --no-workspace")
    }

    /// A path for the daemon. One of another machine can only be taken as it is.
    private func path(_ text: String) throws -> String {
        if try connection.address.isLocal { return try Paths.absolute(text) }
        guard text.hasPrefix("/") else {
            throw Failure.usage("\(text) is not an absolute path, and it is one of the other machine's")
        }
        return text
    }

    private func timeouts() throws -> AgentStart.Timeouts? {
        guard wall != nil || idle != nil || grace != nil else { return nil }
        return AgentStart.Timeouts(
            wall: try wall.map { try WireDuration($0) }, idle: try idle.map { try WireDuration($0) },
            grace: try grace.map { try WireDuration($0) })
    }

    /// `NAME=VALUE` sets a variable, `NAME` passes on our own.
    static func variables(_ texts: [String], own: [String: String]) throws -> [String: String] {
        try texts.reduce(into: [:]) { result, text in
            if let separator = text.firstIndex(of: "=") {
                result[String(text[..<separator])] = String(text[text.index(after: separator)...])
            } else if let value = own[text] {
                result[text] = value
            } else {
                throw Failure.usage("--env \(text): there is no such variable here to pass on")
            }
        }
    }
}

extension AgentStart.Restart.Policy: ExpressibleByArgument {}
extension SizePolicy: ExpressibleByArgument {}
