// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import FoundationEssentials
import SupervisorClient

/// `agentctl attach`
struct Attach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Use an agent's terminal.",
        discussion: """
            Everything typed goes to the agent, ctrl-c and ctrl-z too. Detach with ctrl-] twice within half a second, or \
            with the keys that --detach-keys or AGENTCTL_DETACH_KEYS names; the agent goes on. Ends with the agent's exit \
            code when the agent does, with 0 when detached. However it ends, the terminal is left as it was found.

            The screen is shown as it is, whatever was there before. Any number may watch an agent, and one at a time writes \
            to it: --take-over takes that from whoever does.

              agentctl attach fix-tests --detach-keys ctrl-p,ctrl-q
            """)

    @Argument(help: AgentArgument.help)
    var agent: AgentArgument

    @Flag(name: [.customShort("r"), .long], help: "Only watch: send nothing, not even this terminal's size.")
    var readOnly = false

    @Flag(help: "Write to the agent also where somebody else does, who then no longer does.")
    var takeOver = false

    @Option(
        help: ArgumentHelp(
            "What detaches: ctrl- and a letter or one of \\ ] ^ _, or a character, with commas between.",
            valueName: "keys"))
    var detachKeys: DetachKeys?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if readOnly, takeOver { throw ValidationError("--read-only and --take-over exclude each other") }
    }

    func run() async throws {
        let keys = try DetachKeys.resolve(
            option: detachKeys, environment: ProcessInfo.processInfo.environment)
        guard let terminal = RawTerminal(for: readOnly ? .viewer : .agent) else {
            throw Failure(
                "attach needs a terminal for its input and output",
                hint: "use \"agentctl logs --follow\" and \"agentctl send\" instead")
        }
        let code = try await connection.withClient { client in
            let agent = try await client.call(AgentGet.self, .init(agent: agent.reference))
            guard !agent.state.isFinal else {
                throw Failure(
                    "\(agent.name) has ended: \(agent.stateText(at: .now()))",
                    hint: "\"agentctl logs \(agent.name)\" shows its output")
            }
            return try await AttachSession(
                client: client, agent: agent, terminal: terminal, detachKeys: keys, isReadOnly: readOnly,
                takesOver: takeOver
            ).run()
        }
        throw ExitCode(code)
    }
}
