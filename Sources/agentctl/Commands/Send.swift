// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl send`
struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send input to an agent.",
        discussion: """
            Sends the text, then the keys, then Enter, each by itself: programs with a screen of their own take text and \
            Enter in one piece for something pasted. With keys, with - and with --eof there is no Enter.

              agentctl send fix-tests "now the other one"
              agentctl send fix-tests --key escape --key ctrl-c
              agentctl send fix-tests - --eof < input
            """)

    @Argument(help: AgentArgument.help)
    var agent: AgentArgument

    @Argument(help: "What to type; - for the standard input, byte for byte.")
    var text: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Press a key, such as enter, escape, up, f1, ctrl-c or alt-b; may be given more than once.",
            valueName: "key"))
    var key: [String] = []

    @Flag(inversion: .prefixedNo, help: "End with Enter, or do not.")
    var enter: Bool?

    @Flag(help: "End the agent's input.")
    var eof = false

    @Flag(help: "Send it also where somebody is attached and writes, who then no longer does.")
    var takeOver = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if text == nil, key.isEmpty, !eof, enter != true {
            throw ValidationError("give a text, --key, --enter or --eof")
        }
    }

    func run() async throws {
        let keys = try key.map { try Key($0) }
        let presses = (enter ?? (text != nil && text != "-" && keys.isEmpty && !eof)) ? keys + [try Key("enter")] : keys
        try await connection.withClient { client in
            let sender = InputSender(client: client, agent: agent.reference, takesOver: takeOver)
            if text == "-" {
                while case let bytes = try StandardInput.read(), !bytes.isEmpty { try await sender.send(bytes) }
            } else if let text, !text.isEmpty {
                try await sender.send(Array(text.utf8))
                if !presses.isEmpty { try await Task.sleep(for: .milliseconds(50)) }
            }
            if !presses.isEmpty { try await sender.press(presses) }
            if eof { try await sender.end() }
        }
    }
}
