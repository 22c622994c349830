// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/attach`: subscribes to an agent's output. After the answer come `agent/output` and `agent/gap`, and after the
/// last byte of an ended agent `subscription/ended` with reason `eof`.
package enum AgentAttach: Method {
    package static let name = "agent/attach"
    package static let role = Role.viewer

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        /// Where to start; without it at the oldest byte stored.
        package var since: Start?
        package var encoding: OutputEncoding?

        package init(agent: AgentReference, since: Start? = nil, encoding: OutputEncoding? = nil) {
            self.agent = agent
            self.since = since
            self.encoding = encoding
        }
    }

    package enum Start: Codable, Sendable, Hashable {
        case offset(UInt64)
        /// With the next byte to come.
        case now

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            switch try container.decode(JSONValue.self) {
            case "now": self = .now
            case .integer: self = .offset(try container.decode(UInt64.self))
            default:
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "must be an offset or \"now\"")
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .offset(let offset): try container.encode(offset)
            case .now: try container.encode("now")
            }
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var subscription: SubscriptionID
        /// Of the first byte that will be sent, or of the gap before it.
        package var offset: UInt64

        package init(subscription: SubscriptionID, offset: UInt64) {
            self.subscription = subscription
            self.offset = offset
        }
    }
}
