// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/attach`: subscribes to an agent's output. After the answer come `agent/output` and `agent/gap`, and after the
/// last byte of an ended agent `subscription/ended` with reason `eof`.
///
/// Any number may watch an agent; one at a time may write to it, who asks for that with `write`.
package enum AgentAttach: Method {
    package static let name = "agent/attach"
    package static let role = Role.viewer
    package static let errors: [ProtocolError.Kind] = [.invalidState, .limitReached, .unsupportedHere]

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        /// Where to start; without it at the oldest byte stored.
        package var since: Start?
        package var encoding: OutputEncoding?
        /// To be the one who writes: until this subscription ends, or another takes over, `agent/input` of other connections
        /// is refused. Fails with `invalid_state` where another writes, who is in `data.writer`. Takes an operator.
        package var write: Bool?
        /// With `write`: takes over from whoever writes.
        package var takeOver: Bool?
        /// Of the viewer's own terminal: see `agent/viewport`.
        package var size: TerminalSize?

        package init(
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
    package enum Start: WireValue, Hashable {
        case offset(UInt64)
        case now
        case screen

        package static var schema: JSONValue {
            ["anyOf": [["type": "integer", "minimum": 0], ["type": "string", "enum": ["now", "screen"]]]]
        }
        package static var example: JSONValue { "now" }

        package init(from decoder: any Decoder) throws {
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

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .offset(let offset): try container.encode(offset)
            case .now: try container.encode("now")
            case .screen: try container.encode("screen")
            }
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var subscription: SubscriptionID
        /// Of the first byte that will be sent, or of the gap before it. With `since` `"screen"` where the output stands: the
        /// snapshot says its own.
        package var offset: UInt64

        package init(subscription: SubscriptionID, offset: UInt64) {
            self.subscription = subscription
            self.offset = offset
        }
    }

    package static func check(_ params: Params) throws(ProtocolError) {
        if params.takeOver == true, params.write != true {
            throw .invalidParams(path: "takeOver", reason: "goes with write: true")
        }
    }
}
