// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl screen`
struct Screen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what an agent's terminal shows now, as plain text.",
        discussion: """
            Of one that has ended, what it showed last. The rows that are empty at its end are left out. The JSON value has \
            all rows, and the size, the cursor, the title and the modes as well.

              agentctl screen fix-tests | tail -5
              agentctl screen fix-tests --format json | jq .cursor
            """)

    @Argument(help: AgentArgument.help)
    var agent: AgentArgument

    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let screen = try await connection.withClient { client in
            try await Progress.during({ "reading the screen, \($0)" }) { try await whole(client) }
        }
        guard output.format == .table else { return try JSONOutput.write(screen, pretty: output.format == .json) }
        try StandardOutput.write(Self.text(screen.lines))
    }

    /// All rows; those that had no room in the first answer are as they were when they were asked for.
    private func whole(_ client: SupervisorClient) async throws -> AgentScreen.Result {
        var screen = try await client.call(AgentScreen.self, .init(agent: agent.reference))
        while let row = screen.next {
            let more = try await client.call(AgentScreen.self, .init(agent: agent.reference, row: row))
            screen.lines += more.lines
            // Of a screen that is smaller by now there may be no more.
            screen.next = more.next.flatMap { $0 > row ? $0 : nil }
        }
        return screen
    }

    static func text(_ lines: [String]) -> String {
        let end = lines.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
        return lines.prefix(end).map { PlainText.plain($0) + "\n" }.joined()
    }
}
