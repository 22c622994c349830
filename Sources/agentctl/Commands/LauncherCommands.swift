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

    @OptionGroup var output: ListOptions<LauncherListing>
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try output.write(
            try await connection.withClient { try await $0.call(LauncherList.self, Nothing()) }.launchers)
    }
}
