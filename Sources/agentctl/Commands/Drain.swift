// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have nothing new started, and wait until the last agent has ended.",
        discussion: "What waits goes on waiting. Interrupted, only the waiting ends; \"--off\" starts new agents again."
    )

    @Flag(help: "Start new agents again.")
    var off = false

    @Flag(help: "Do not wait.")
    var noWait = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let params = SupervisorDrain.Params(enabled: !off, wait: !off && !noWait)
        let result = try await connection.withClient { try await $0.call(SupervisorDrain.self, params) }
        if off { return try StandardOutput.write("new agents are started again\n") }
        try StandardOutput.write(
            result.running == 0 ? "no agent runs\n" : "nothing new is started; \(result.running) agents run\n")
    }
}

struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the daemon read its configuration again. One that is wrong changes nothing.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        _ = try await connection.withClient { try await $0.call(SupervisorReload.self, .init()) }
    }
}
