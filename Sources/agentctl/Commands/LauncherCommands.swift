// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

struct LauncherCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "launcher", abstract: "See what can be started as an agent.",
        subcommands: [Launchers.self], defaultSubcommand: Launchers.self)
}

struct Launchers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the launchers that the daemon has.", aliases: ["ls"])

    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let launchers = try await connection.withClient { try await $0.call(LauncherList.self, Nothing()) }.launchers
        switch output.format {
        case .json: try JSONOutput.write(launchers, pretty: true)
        case .jsonl: for launcher in launchers { try JSONOutput.write(launcher, pretty: false) }
        case .table: try StandardOutput.write(Self.table(launchers).text)
        }
    }

    static func table(_ launchers: [LauncherList.Summary]) -> Table {
        var table = Table("NAME", "PROFILE", "PROGRAM", "TAKES", "DESCRIPTION")
        for launcher in launchers {
            let takes = [launcher.takesPrompt ? "prompt" : nil, launcher.takesArguments ? "arguments" : nil]
            let program = launcher.program.map { $0.path ?? "not found: \($0.name)" }
            table.add(
                launcher.name.text, launcher.profile?.text, program, takes.compactMap { $0 }.joined(separator: ", "),
                launcher.problem.map { "wrong: \($0)" } ?? launcher.description)
        }
        return table
    }
}
