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
            Exit codes: 0 done; 1 failed; 2 wrong usage; 3 no such agent; 4 not permitted; 5 no daemon. \
            "wait", "attach" and "start --follow" end with the agent's own code, 128 and the signal's number if a \
            signal ended it.
            """,
        version: version,
        subcommands: [
            Start.self, List.self, Status.self, Logs.self, Tail.self, Export.self, Attach.self, Send.self, Kill.self,
            Stop.self, Wait.self, Restart.self, Pause.self, Resume.self, Remove.self, Top.self, Changes.self,
            Apply.self,
            Discard.self, Events.self, Info.self, Doctor.self, Drain.self, Reload.self,
            ProfileCommand.self, LauncherCommand.self, Metrics.self, Discover.self,
        ])

    /// No more than a call or two: a closure written here would be taken for the main actor's, and trap on another thread.
    static func main() async {
        Signals.handOverToThread()
        await Program.run(Array(CommandLine.arguments.dropFirst()))
    }
}
