// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials

/// Bytes that travel as a base64 string (RFC 4648, padded).
package struct Base64Bytes: WireValue, Hashable {
    package var bytes: [UInt8]

    package static var schema: JSONValue { ["type": "string", "contentEncoding": "base64"] }
    package static var example: JSONValue { "aGVsbG8=" }

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let data = Data(base64Encoded: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not base64")
        }
        bytes = Array(data)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(bytes).base64EncodedString())
    }
}
