// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/logs`: stored output, as much as fits one answer; `next` says where to go on.
public enum AgentLogs: Method {
    public static let name = "agent/logs"
    public static let role = Role.viewer

    public struct Params: Codable, Sendable, Hashable, BoundedMembers {
        public static let bounds = ["limit": Bounds(1)]

        public var agent: AgentReference
        /// Where to start; without it, and without `tail`, at the oldest byte stored. Excludes `tail`.
        public var since: Position?
        /// Where to end, that byte not included; without it, at the newest.
        public var until: Position?
        /// Start this much before the end.
        public var tail: Tail?
        /// Bytes of output in the answer at most. The daemon may send fewer.
        public var limit: Int?
        public var encoding: OutputEncoding?

        public init(
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
    public enum Position: WireValue, Hashable {
        case offset(UInt64)
        case time(Timestamp)

        public static var schema: JSONValue { ["anyOf": [["type": "integer", "minimum": 0], Timestamp.schema]] }
        public static var example: JSONValue { 4096 }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if case .string = try container.decode(JSONValue.self) {
                self = .time(try container.decode(Timestamp.self))
            } else {
                self = .offset(try container.decode(UInt64.self))
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .offset(let offset): try container.encode(offset)
            case .time(let time): try container.encode(time)
            }
        }
    }

    /// Exactly one of the two.
    public struct Tail: Codable, Sendable, Hashable, BoundedMembers {
        public static let bounds = ["lines": Bounds(0)]

        /// So many bytes.
        public var bytes: UInt64?
        /// So many lines; 0 or more.
        public var lines: Int?

        public init(bytes: UInt64) {
            self.bytes = bytes
        }

        public init(lines: Int) {
            self.lines = lines
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// Consecutive, but for what is gone.
        public var chunks: [OutputChunk]
        /// The offset to ask for next.
        public var next: UInt64
        /// The oldest offset still stored.
        public var start: UInt64
        /// The offset of the next byte to come.
        public var end: UInt64
        /// The agent has ended and `next` lies behind its last byte.
        public var eof: Bool

        public init(chunks: [OutputChunk], next: UInt64, start: UInt64, end: UInt64, eof: Bool) {
            self.chunks = chunks
            self.next = next
            self.start = start
            self.end = end
            self.eof = eof
        }
    }

    public static func check(_ params: Params) throws(ProtocolError) {
        if let tail = params.tail {
            if params.since != nil { throw .invalidParams(path: "tail", reason: "excludes since") }
            if (tail.bytes == nil) == (tail.lines == nil) {
                throw .invalidParams(path: "tail", reason: "must have either bytes or lines")
            }
            try Tail.check([("lines", tail.lines.map(Double.init))], at: JSONPath([.member("tail")]))
        }
        try Params.check([("limit", params.limit.map(Double.init))])
    }
}
