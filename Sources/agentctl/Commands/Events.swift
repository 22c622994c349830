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
        var params = EventsSubscribe.Params(
            since: since, agents: agent.isEmpty ? nil : agent.map(\.reference), types: types.isEmpty ? nil : types)
        var patience = Patience(isKnown: false)
        while true {
            do {
                let client = try await SupervisorClient.connect(path: connection.path)
                defer { client.close() }
                let items = try await client.events(params)
                patience.met()
                params.since = items.start
                for try await case .event(let event) in items {
                    try show(event)
                    params.since = event.seq
                }
                throw ClientError(.connectionLost, "the daemon has ended; agents run on")
            } catch {
                try await patience.wait(after: error)
            }
        }
    }

    private func show(_ event: Event) throws {
        if output.format == .table {
            try StandardOutput.write(Self.line(event))
        } else {
            try JSONOutput.write(event, pretty: false)
        }
    }

    static func line(_ event: Event) -> String {
        let data = event.data.isEmpty ? nil : String(decoding: JSONValue.object(event.data).encoded(), as: UTF8.self)
        let fields = ["\(event.seq)", event.time.text, event.type.rawValue, event.agent?.text, data]
        return fields.compactMap(\.self).map(PlainText.plain).joined(separator: "  ") + "\n"
    }
}
