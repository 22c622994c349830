// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

struct Metrics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the daemon's own numbers, in the text format of OpenMetrics.",
        discussion: "For what collects the output of commands, or serves it over HTTP. For administrators.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let result = try await connection.withClient { try await $0.call(SupervisorMetrics.self, Nothing()) }
        try StandardOutput.write(result.text)
    }
}
