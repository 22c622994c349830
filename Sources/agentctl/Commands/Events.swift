// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl events`
struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show events as they happen.",
        discussion: """
            Goes on until interrupted. Each line starts with the event's number, from which --since goes on.

              agentctl events --since 0 --agent fix-tests
              agentctl events --type agent.exited --type agent.failed --format jsonl
            """)

    @Option(help: ArgumentHelp("Also show what happened after this event; 0 for everything kept.", valueName: "number"))
    var since: UInt64?

    @Option(help: "Only events of this agent; may be given more than once.")
    var agent: [AgentArgument] = []

    @Option(
        help: "Only events of this type, such as agent.exited; may be given more than once.",
        completion: .list(EventType.known.map(\.rawValue)))
    var type: [String] = []

    @OptionGroup var output: ListOptions<EventListing>
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let types = type.map(EventType.init(rawValue:))
        var params = EventsSubscribe.Params(
            since: since, agents: agent.isEmpty ? nil : agent.map(\.reference), types: types.isEmpty ? nil : types)
        let (columns, palette) = (try output.chosen, output.colour.palette)
        var patience = Patience(isKnown: false)
        while true {
            do {
                let client = try await connection.connect()
                defer { client.close() }
                let items = try await client.events(params)
                patience.met()
                params.since = items.start
                for try await case .event(let event) in items {
                    try show(event, columns, palette)
                    params.since = event.seq
                }
                throw ClientError(.connectionLost, "the daemon has ended; agents run on")
            } catch {
                try await patience.wait(after: error)
            }
        }
    }

    private func show(_ event: Event, _ columns: [Column<Event>], _ palette: Palette) throws {
        if output.shape.format != .table { return try JSONOutput.write(event, pretty: false) }
        if output.quiet { return try StandardOutput.write("\(event.seq)\n") }
        try StandardOutput.write(Self.line(event, columns, in: palette))
    }

    /// What there is not is left out: lines come one by one, and so cannot be a table.
    static func line(_ event: Event, _ columns: [Column<Event>] = EventListing.columns, in palette: Palette = .none)
        -> String
    {
        columns.compactMap { column in
            column.text(event, .now()).map { palette.paint(PlainText.plain($0), column.style(event)) }
        }.joined(separator: "  ") + "\n"
    }
}
