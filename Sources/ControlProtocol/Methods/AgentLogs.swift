// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/logs`: stored output, as much as fits one answer; `next` says where to go on.
package enum AgentLogs: Method {
    package static let name = "agent/logs"
    package static let role = Role.viewer

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        /// Where to start; without it, and without `tail`, at the oldest byte stored. Excludes `tail`.
        package var since: Position?
        /// Where to end, that byte not included; without it, at the newest.
        package var until: Position?
        /// Start this much before the end.
        package var tail: Tail?
        /// Bytes of output in the answer at most. The daemon may send fewer.
        package var limit: Int?
        package var encoding: OutputEncoding?

        package init(
            agent: AgentReference, since: Position? = nil, until: Position? = nil, tail: Tail? = nil,
            limit: Int? = nil, encoding: OutputEncoding? = nil
        ) {
            self.agent = agent
            self.since = since
            self.until = until
            self.tail = tail
            self.limit = limit
            self.encoding = encoding
        }
    }

    /// A place in the output: an offset, or the first byte that came at a time or after it.
    package enum Position: Codable, Sendable, Hashable {
        case offset(UInt64)
        case time(Timestamp)

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if case .string = try container.decode(JSONValue.self) {
                self = .time(try container.decode(Timestamp.self))
            } else {
                self = .offset(try container.decode(UInt64.self))
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .offset(let offset): try container.encode(offset)
            case .time(let time): try container.encode(time)
            }
        }
    }

    /// Exactly one of the two.
    package struct Tail: Codable, Sendable, Hashable {
        package var bytes: UInt64?
        package var lines: Int?

        package init(bytes: UInt64) {
            self.bytes = bytes
        }

        package init(lines: Int) {
            self.lines = lines
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var chunks: [OutputChunk]
        /// The offset to ask for next.
        package var next: UInt64
        /// The oldest offset still stored.
        package var start: UInt64
        /// The offset of the next byte to come.
        package var end: UInt64
        /// The agent has ended and `next` lies behind its last byte.
        package var eof: Bool

        package init(chunks: [OutputChunk], next: UInt64, start: UInt64, end: UInt64, eof: Bool) {
            self.chunks = chunks
            self.next = next
            self.start = start
            self.end = end
            self.eof = eof
        }
    }

    package static func check(_ params: Params) throws(ProtocolError) {
        if let tail = params.tail {
            if params.since != nil { throw .invalidParams(path: "tail", reason: "excludes since") }
            if (tail.bytes == nil) == (tail.lines == nil) {
                throw .invalidParams(path: "tail", reason: "must have either bytes or lines")
            }
            if let lines = tail.lines, lines < 0 {
                throw .invalidParams(path: "tail.lines", reason: "must not be negative")
            }
        }
        if let limit = params.limit, limit < 1 {
            throw .invalidParams(path: "limit", reason: "must be at least 1")
        }
    }
}
