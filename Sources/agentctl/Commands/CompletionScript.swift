// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser

/// `agentctl completion`
struct CompletionScript: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a script that makes a shell complete what is typed.",
        discussion: """
            Commands, options and their values, and names of agents, launchers and profiles, which come from the daemon as \
            it is when the key is pressed. Where the script belongs:

              bash  source <(agentctl completion bash)          in ~/.bashrc
              zsh   agentctl completion zsh > "${fpath[1]}/_agentctl"
              fish  agentctl completion fish > ~/.config/fish/completions/agentctl.fish
            """)

    @Argument(help: ArgumentHelp("Which shell.", valueName: "shell"), completion: .list(["bash", "zsh", "fish"]))
    var shell: Shell

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    func run() throws {
        let shell: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        try StandardOutput.write(AgentCtl.completionScript(for: shell) + "\n")
    }
}
