// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/attach`: subscribes to an agent's output. After the answer come `agent/output` and `agent/gap`, and after the
/// last byte of an ended agent `subscription/ended` with reason `eof`.
///
/// Any number may watch an agent; one at a time may write to it, who asks for that with `write`.
public enum AgentAttach: Method {
    public static let name = "agent/attach"
    public static let role = Role.viewer
    public static let errors: [ProtocolError.Kind] = [.invalidState, .unsupportedHere]

    public struct Params: Codable, Sendable, Hashable {
        public var agent: AgentReference
        /// Where to start; without it at the oldest byte stored.
        public var since: Start?
        public var encoding: OutputEncoding?
        /// To be the one who writes: until this subscription ends, or another takes over, `agent/input` of other connections
        /// is refused. Fails with `invalid_state` where another writes, who is in `data.writer`. Takes an operator.
        public var write: Bool?
        /// With `write`: takes over from whoever writes.
        public var takeOver: Bool?
        /// Of the viewer's own terminal: see `agent/viewport`.
        public var size: TerminalSize?

        public init(
            agent: AgentReference, since: Start? = nil, encoding: OutputEncoding? = nil, write: Bool? = nil,
            takeOver: Bool? = nil, size: TerminalSize? = nil
        ) {
            self.agent = agent
            self.since = since
            self.encoding = encoding
            self.write = write
            self.takeOver = takeOver
            self.size = size
        }
    }

    /// A place in the output: an offset, `"now"` for the next byte to come, or `"screen"` for `agent/snapshot`, which is what
    /// the terminal shows, and then what is written to it.
    public enum Start: WireValue, Hashable {
        case offset(UInt64)
        case now
        case screen

        public static var schema: JSONValue {
            ["anyOf": [["type": "integer", "minimum": 0], ["type": "string", "enum": ["now", "screen"]]]]
        }
        public static var example: JSONValue { "now" }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            switch try container.decode(JSONValue.self) {
            case "now": self = .now
            case "screen": self = .screen
            case .integer: self = .offset(try container.decode(UInt64.self))
            default:
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "must be an offset, \"now\" or \"screen\"")
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .offset(let offset): try container.encode(offset)
            case .now: try container.encode("now")
            case .screen: try container.encode("screen")
            }
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        public var subscription: SubscriptionID
        /// Of the first byte that will be sent, or of the gap before it. With `since` `"screen"` where the output stands: the
        /// snapshot says its own.
        public var offset: UInt64

        public init(subscription: SubscriptionID, offset: UInt64) {
            self.subscription = subscription
            self.offset = offset
        }
    }

    public static func check(_ params: Params) throws(ProtocolError) {
        if params.takeOver == true, params.write != true {
            throw .invalidParams(path: "takeOver", reason: "goes with write: true")
        }
    }
}
