// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl logs`
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show an agent's output.",
        discussion: """
            On a terminal as text with its colours, else every byte as the agent wrote it.

              agentctl logs fix-tests --lines 50 --follow
              agentctl logs fix-tests --since 10m --plain --timestamps
            """)

    @Argument(help: AgentArgument.help)
    var agent: AgentArgument

    @Flag(name: [.short, .long], help: "Go on as more comes, until the agent has ended.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("Only so many of the last lines.", valueName: "number"))
    var lines: Int?

    @Option(help: ArgumentHelp("Only so many of the last bytes, such as 64K.", valueName: "bytes"))
    var tailBytes: String?

    @Option(
        help: ArgumentHelp(
            "From an offset, a time (2026-11-20T19:21:05Z) or so long ago (5m) on.", valueName: "place"))
    var since: String?

    @Option(help: ArgumentHelp("Up to an offset, a time or so long ago, not included.", valueName: "place"))
    var until: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        let starts = [("--lines", lines != nil), ("--tail-bytes", tailBytes != nil), ("--since", since != nil)]
        let given = starts.filter(\.1).map(\.0)
        if given.count > 1 { throw ValidationError("\(given[0]) and \(given[1]) exclude each other") }
        if let lines, lines < 0 { throw ValidationError("--lines takes 0 or more") }
        guard until != nil else { return }
        if follow { throw ValidationError("--until and --follow exclude each other") }
        // The last lines are counted from the end of all output.
        if let tail = given.first(where: { $0 != "--since" }) {
            throw ValidationError("\(tail) and --until exclude each other")
        }
    }

    func run() async throws {
        var sink = output.sink
        let now = Timestamp.now()
        let reader = LogReader(
            agent: agent.reference, since: try since.map { try Self.position($0, option: "--since", at: now) },
            until: try until.map { try Self.position($0, option: "--until", at: now) }, tail: try tail)
        let next = try await connection.withClient { try await reader.show(from: $0, into: &sink) }
        guard follow else { return try sink.finish() }
        _ = try await OutputFollower(address: connection.address, agent: agent.reference).follow(
            from: next, into: &sink)
    }

    private var tail: AgentLogs.Tail? {
        get throws {
            if let tailBytes { return AgentLogs.Tail(bytes: UInt64(try ByteCount(tailBytes).bytes)) }
            return lines.map { AgentLogs.Tail(lines: $0) }
        }
    }

    static func position(_ text: String, option: String, at now: Timestamp) throws -> AgentLogs.Position {
        if let offset = UInt64(text) { return .offset(offset) }
        if let time = try? Timestamp(text) { return .time(time) }
        guard let ago = try? WireDuration(text) else {
            throw Failure.usage(
                "\(option) takes an offset, a time such as 2026-11-20T19:21:05Z or a duration such as 5m, "
                    + "not \"\(text)\"")
        }
        return .time(Timestamp(nanoseconds: now.nanoseconds - ago.milliseconds * 1_000_000))
    }
}
