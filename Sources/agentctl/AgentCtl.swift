// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser

/// The command line of agent-supervisor.
@main
struct AgentCtl: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "agentctl",
        abstract: "Start, watch and stop coding agents.",
        discussion: """
            AGENT is a name, an id, or the first six or more characters of an id. "agentctl help COMMAND" explains one \
            command. Which daemon is meant can be said before the command or after it; what comes last counts.

            \(ExitStatus.help)
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "Agents",
                subcommands: [
                    Start.self, List.self, Status.self, Attach.self, Send.self, SignalCommand.self, Stop.self,
                    Kill.self, Wait.self, Restart.self, Pause.self, Resume.self, Resize.self, Remove.self,
                ]),
            CommandGroup(
                name: "Output and usage",
                subcommands: [
                    Logs.self, Tail.self, Screen.self, Export.self, Top.self, Usage.self, Events.self,
                ]),
            CommandGroup(name: "Changes", subcommands: [Changes.self, Apply.self, Discard.self]),
            CommandGroup(
                name: "What agents run in", subcommands: [ProfileCommand.self, LauncherCommand.self]),
            CommandGroup(
                name: "The daemon",
                subcommands: [
                    Info.self, Doctor.self, Metrics.self, Discover.self, Drain.self, Reload.self, Relay.self,
                    Version.self, CompletionScript.self,
                ]),
        ])

    @OptionGroup var connection: ConnectionOptions

    /// No more than a call or two: a closure written here would be taken for the main actor's, and trap on another thread.
    static func main() async {
        StandardStreams.fill()
        Signals.handOverToThread()
        await Program.run(Array(CommandLine.arguments.dropFirst()))
    }

    /// Every word that stands for a command.
    static var commandNames: [String] {
        configuration.subcommands.flatMap { [$0._commandName] + $0.configuration.aliases } + ["help"]
    }

    /// The word that stands for the command, which options may come before.
    static func commandWord(among words: some Sequence<String>) -> String? {
        var words = words.makeIterator()
        while let word = words.next(), word != "--" {
            if word == "--socket" || word == "--host" {
                _ = words.next()
            } else if !word.hasPrefix("-") {
                return word
            }
        }
        return nil
    }
}
