// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show events as they happen.",
        discussion: "Goes on until interrupted. Each line starts with the event's number, from which --since goes on.")

    @Option(help: ArgumentHelp("Also show what happened after this event; 0 for everything kept.", valueName: "number"))
    var since: UInt64?

    @Option(help: "Only events of this agent; may be given more than once.")
    var agent: [AgentArgument] = []

    @Option(help: "Only events of this type, such as agent.exited; may be given more than once.")
    var type: [String] = []

    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let types = type.map(EventType.init(rawValue:))
        let params = EventsSubscribe.Params(
            since: since, agents: agent.isEmpty ? nil : agent.map(\.reference), types: types.isEmpty ? nil : types)
        try await connection.withClient { client in
            for try await item in try await client.events(params) {
                switch item {
                case .event(let event) where output.format == .table: try StandardOutput.write(Self.line(event))
                case .event(let event): try JSONOutput.write(event, pretty: false)
                case .ended: throw Failure("the daemon has ended; agents run on")
                }
            }
        }
    }

    static func line(_ event: Event) -> String {
        let data = event.data.isEmpty ? nil : String(decoding: JSONValue.object(event.data).encoded(), as: UTF8.self)
        let fields = ["\(event.seq)", event.time.text, event.type.rawValue, event.agent?.text, data]
        return fields.compactMap(\.self).map(PlainText.plain).joined(separator: "  ") + "\n"
    }
}
