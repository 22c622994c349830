// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/input`: bytes for the agent's terminal or standard input, from exactly one of `data`, `dataBase64` and
/// `keys`; `eof` ends the input after them, and may stand alone.
package enum AgentInput: Method {
    package static let name = "agent/input"
    package static let role = Role.operator

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        package var data: String?
        package var dataBase64: Base64Bytes?
        /// Keys of a terminal by name, in order.
        package var keys: [Key]?
        package var eof: Bool?

        package init(
            agent: AgentReference, data: String? = nil, dataBase64: Base64Bytes? = nil, keys: [Key]? = nil,
            eof: Bool? = nil
        ) {
            self.agent = agent
            self.data = data
            self.dataBase64 = dataBase64
            self.keys = keys
            self.eof = eof
        }

        /// What the agent is to read from its terminal.
        package var bytes: [UInt8] { bytes(toTerminal: true) }

        /// What the agent is to read. Enter ends a line on a terminal, which turns its CR into a newline where the agent
        /// wants one; into a pipe it goes as a newline.
        package func bytes(toTerminal: Bool) -> [UInt8] {
            dataBase64?.bytes
                ?? keys.map { $0.flatMap { !toTerminal && $0.text == "enter" ? [UInt8(ascii: "\n")] : $0.bytes } }
                ?? Array((data ?? "").utf8)
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        /// Bytes that reached the agent's terminal or pipe, or wait for it.
        package var accepted: Int

        package init(accepted: Int) {
            self.accepted = accepted
        }
    }

    package static func check(_ params: Params) throws(ProtocolError) {
        switch [params.data != nil, params.dataBase64 != nil, params.keys != nil].count(where: { $0 }) {
        case 0 where params.eof != true:
            throw .invalidParams(path: "data", reason: "is missing, and so are dataBase64 and keys")
        case 2...:
            throw .invalidParams(path: "data", reason: "excludes dataBase64 and keys, and these exclude each other")
        default: break
        }
    }
}
