// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What matches an answer to its request.
public enum RequestID: WireValue, Hashable {
    case integer(Int64)
    case string(String)

    public static var schema: JSONValue {
        ["anyOf": [["type": "integer"], ["type": "string", "maxLength": .integer(Int64(maximumLength))]]]
    }
    public static var example: JSONValue { 7 }

    /// Bytes of a string at most: every answer repeats it, and must fit a line.
    public static let maximumLength = 256

    /// Nil for anything but an integer or a string that is not too long.
    public init?(_ value: JSONValue) {
        switch value {
        case .integer(let number): self = .integer(number)
        case .string(let text) where text.utf8.count <= Self.maximumLength: self = .string(text)
        default: return nil
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Self(try container.decode(JSONValue.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "must be \(Self.rule)")
        }
        self = id
    }

    static let rule = "an integer or a string of at most \(maximumLength) bytes"

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        }
    }
}
