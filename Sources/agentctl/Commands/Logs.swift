// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show an agent's output.")

    @Argument(help: "The agent.")
    var agent: AgentArgument

    @Flag(name: [.short, .long], help: "Go on as more comes, until the agent has ended.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: "Only so many of the last lines.")
    var lines: Int?

    @Option(help: "From an offset, a time (2026-11-20T19:21:05Z) or so long ago (5m) on.")
    var since: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if lines != nil, since != nil { throw ValidationError("--lines and --since exclude each other") }
        if let lines, lines < 0 { throw ValidationError("--lines takes 0 or more") }
    }

    func run() async throws {
        var sink = output.sink
        let reader = LogReader(agent: agent.reference)
        let position = try since.map { try Self.position($0, at: .now()) }
        let next = try await connection.withClient { client in
            try await reader.show(
                since: position, tail: lines.map { AgentLogs.Tail(lines: $0) }, from: client, into: &sink)
        }
        guard follow else { return try sink.finish() }
        _ = try await OutputFollower(path: connection.path, agent: agent.reference).follow(from: next, into: &sink)
    }

    static func position(_ text: String, at now: Timestamp) throws -> AgentLogs.Position {
        if let offset = UInt64(text) { return .offset(offset) }
        if let time = try? Timestamp(text) { return .time(time) }
        guard let ago = try? WireDuration(text) else {
            throw Failure.usage(
                "--since takes an offset, a time such as 2026-11-20T19:21:05Z or a duration such as 5m, "
                    + "not \"\(text)\"")
        }
        return .time(Timestamp(nanoseconds: now.nanoseconds - ago.milliseconds * 1_000_000))
    }
}
