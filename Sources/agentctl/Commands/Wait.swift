// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl wait`
struct Wait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Wait until agents have ended.",
        discussion: """
            Ends with the agent's exit code; of several agents, with the first that is not 0; with 124 when --timeout \
            gave up.

              agentctl wait --timeout 1h fix-tests && agentctl apply fix-tests
            """)

    @Option(name: [.short, .long], help: ArgumentHelp("Give up after so long, such as 5m.", valueName: "duration"))
    var timeout: String?

    @OptionGroup var arguments: AgentArguments
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let timeout = try timeout.map { try WireDuration($0) }
        // The same time is over for all of them, also those that are asked about only when others have ended.
        let end = timeout.map { ContinuousClock.now + $0.duration }
        let agents = try await connection.withClient { client in
            try await arguments.forEach(on: client, doing: "waiting for") { agent in
                let left = end.map {
                    WireDuration(milliseconds: Int64(ContinuousClock.now.duration(to: $0) / .milliseconds(1)))
                }
                do {
                    return try await client.call(AgentWait.self, .init(agent: agent, timeout: left))
                } catch let error as ProtocolError where error.kind == .timedOut {
                    let time = timeout.map { " within \($0)" } ?? ""
                    throw Failure("\(agent) has not ended\(time)", hint: "the agent goes on", exitCode: .timedOut)
                }
            }
        }
        throw ExitCode(agents.map(\.exitCode).first { $0 != 0 } ?? 0)
    }
}
