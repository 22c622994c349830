// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/input`: bytes for the agent's terminal or standard input, from exactly one of `data`, `dataBase64` and
/// `keys`; `eof` ends the input after them, and may stand alone.
public enum AgentInput: Method {
    public static let name = "agent/input"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [.invalidState]

    public struct Params: Codable, Sendable, Hashable {
        public var agent: AgentReference
        /// Text, sent as UTF-8.
        public var data: String?
        /// Any bytes.
        public var dataBase64: Base64Bytes?
        /// Keys of a terminal by name, in order.
        public var keys: [Key]?
        /// End the input after that: on a terminal as Ctrl-D does, of a pipe by closing it. Without it false.
        public var eof: Bool?
        /// Also where another writes (`agent/attach` with `write`), who then does so no longer. Without it that fails with
        /// `invalid_state` and `data.writer`.
        public var takeOver: Bool?

        public init(
            agent: AgentReference, data: String? = nil, dataBase64: Base64Bytes? = nil, keys: [Key]? = nil,
            eof: Bool? = nil, takeOver: Bool? = nil
        ) {
            self.agent = agent
            self.data = data
            self.dataBase64 = dataBase64
            self.keys = keys
            self.eof = eof
            self.takeOver = takeOver
        }

        /// What the agent is to read from its terminal.
        public var bytes: [UInt8] { bytes(toTerminal: true) }

        /// What the agent is to read. Enter ends a line on a terminal, which turns its CR into a newline where the agent
        /// wants one; into a pipe it goes as a newline.
        public func bytes(toTerminal: Bool) -> [UInt8] {
            dataBase64?.bytes
                ?? keys.map { $0.flatMap { !toTerminal && $0.text == "enter" ? [UInt8(ascii: "\n")] : $0.bytes } }
                ?? Array((data ?? "").utf8)
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// Bytes that reached the agent's terminal or pipe, or wait for it.
        public var accepted: Int

        public init(accepted: Int) {
            self.accepted = accepted
        }
    }

    public static func check(_ params: Params) throws(ProtocolError) {
        switch [params.data != nil, params.dataBase64 != nil, params.keys != nil].count(where: { $0 }) {
        case 0 where params.eof != true:
            throw .invalidParams(path: "data", reason: "is missing, and so are dataBase64 and keys")
        case 2...:
            throw .invalidParams(path: "data", reason: "excludes dataBase64 and keys, and these exclude each other")
        default: break
        }
    }
}
