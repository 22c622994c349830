// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials

/// Bytes that travel as a base64 string (RFC 4648, padded).
public struct Base64Bytes: WireValue, Hashable {
    public var bytes: [UInt8]

    public static var schema: JSONValue { ["type": "string", "contentEncoding": "base64"] }
    public static var example: JSONValue { "aGVsbG8=" }

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let data = Data(base64Encoded: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not base64")
        }
        bytes = Array(data)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(bytes).base64EncodedString())
    }
}
