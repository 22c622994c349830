// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient
import Synchronization

/// `agentctl export`
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write an agent's output as a recording, to be played with asciinema.",
        discussion: """
            As asciicast, version 2, of all output that is kept, up to what there is now. Where output is gone there is a \
            marker. The file has its name once it is whole.

              agentctl export fix-tests --output fix-tests.cast
            """)

    @Argument(help: AgentArgument.help)
    var agent: AgentArgument

    @Option(
        name: [.short, .long], help: ArgumentHelp("Where to, - for the standard output.", valueName: "file"),
        completion: .file())
    var output = "-"

    @Flag(name: [.short, .long], help: "Overwrite the file if it is there.")
    var force = false

    @Option(help: ArgumentHelp("The width to play it at (else the agent's terminal's, else 80).", valueName: "number"))
    var columns: UInt16?

    @Option(help: ArgumentHelp("The height to play it at (else the agent's terminal's, else 24).", valueName: "number"))
    var rows: UInt16?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if columns == 0 { throw ValidationError("--columns takes 1 or more") }
        if rows == 0 { throw ValidationError("--rows takes 1 or more") }
    }

    func run() async throws {
        try await connection.withClient { client in
            let agent = try await client.call(AgentGet.self, .init(agent: agent.reference))
            let part = Part(of: agent.output)
            try await Progress.during({ "exporting \(agent.name), \(part.percent)%, \($0)" }) {
                try await write(agent, from: client, noting: part)
            }
        }
    }

    private func write(_ agent: Agent, from client: SupervisorClient, noting part: Part) async throws {
        let size = TerminalSize(
            columns: columns ?? agent.terminal?.columns ?? 80, rows: rows ?? agent.terminal?.rows ?? 24)
        let file = try ExportFile(output, overwrites: force)
        var cast = Asciicast(of: agent, size: size)
        // From the first byte, so that what is gone before the first that is kept is told, too.
        let reader = LogReader(agent: AgentReference(agent.id), since: .offset(0))
        _ = try await reader.read(from: client) { item in
            switch item {
            case .chunk(let chunk):
                try file.write(try cast.add(chunk))
                part.end.store(chunk.end, ordering: .relaxed)
            case .gap(let from, let to): try file.write(cast.addGap(to - from))
            }
        }
        try file.write(try cast.finish())
        try file.finish()
    }

    /// How much of the output has been written.
    private final class Part: Sendable {
        let whole: OutputRange
        let end: Atomic<UInt64>

        init(of whole: OutputRange) {
            self.whole = whole
            end = Atomic(whole.start)
        }

        var percent: UInt64 {
            let written = Double(end.load(ordering: .relaxed)) - Double(whole.start)
            return UInt64(min(max(written / Double(max(whole.end, whole.start + 1) - whole.start), 0), 1) * 100)
        }
    }
}
