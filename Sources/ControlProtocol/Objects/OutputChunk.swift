// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Consecutive bytes that an agent wrote to one stream.
public struct OutputChunk: Codable, Sendable, Hashable {
    /// Of the first byte, in bytes since the agent's first byte of output, whatever the stream.
    public var offset: UInt64
    public var stream: Stream
    /// When the bytes came.
    public var time: Timestamp
    public var payload: Payload

    /// Where an agent wrote something: to its terminal, or to a pipe.
    public enum Stream: String, Codable, Sendable, CaseIterable {
        case tty
        case stdout
        case stderr
    }

    public enum Payload: Sendable, Hashable {
        case text(String)
        case bytes([UInt8])

        /// In raw bytes, as offsets count.
        public var count: Int {
            switch self {
            case .text(let text): text.utf8.count
            case .bytes(let bytes): bytes.count
            }
        }

        public var bytes: [UInt8] {
            switch self {
            case .text(let text): Array(text.utf8)
            case .bytes(let bytes): bytes
            }
        }
    }

    public init(offset: UInt64, stream: Stream, time: Timestamp, payload: Payload) {
        self.offset = offset
        self.stream = stream
        self.time = time
        self.payload = payload
    }

    /// The offset of the chunk that follows.
    public var end: UInt64 { offset + UInt64(payload.count) }

    /// An upper bound of the chunk's size as JSON, in bytes, for whoever fills an answer up to a limit.
    public var maximumEncodedSize: Int {
        let envelope = 160
        switch payload {
        case .bytes(let bytes): return envelope + (bytes.count + 2) / 3 * 4
        case .text(let text):
            return text.utf8.reduce(into: envelope) { size, byte in
                size += byte < 0x20 ? 6 : byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 2 : 1
            }
        }
    }

    private enum CodingKeys: String, CodingKey {
        case offset, stream, time
        /// The bytes, where they are UTF-8 and not asked for as base64.
        case data
        /// The bytes otherwise: exactly one of the two is there.
        case dataBase64
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        offset = try container.decode(UInt64.self, forKey: .offset)
        stream = try container.decode(Stream.self, forKey: .stream)
        time = try container.decode(Timestamp.self, forKey: .time)
        if let text = try container.decodeIfPresent(String.self, forKey: .data) {
            payload = .text(text)
        } else {
            payload = .bytes(try container.decode(Base64Bytes.self, forKey: .dataBase64).bytes)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(offset, forKey: .offset)
        try container.encode(stream, forKey: .stream)
        try container.encode(time, forKey: .time)
        switch payload {
        case .text(let text): try container.encode(text, forKey: .data)
        case .bytes(let bytes): try container.encode(Base64Bytes(bytes), forKey: .dataBase64)
        }
    }
}

/// How a client wants output to travel.
public enum OutputEncoding: String, Codable, Sendable, CaseIterable {
    /// As text where it is valid UTF-8, else as base64.
    case text
    /// As base64 always.
    case base64
}
