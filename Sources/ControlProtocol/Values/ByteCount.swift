// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// An amount of bytes in a request or profile: an integer, or a string with a unit of 1024, `512M`, `2G`.
public struct ByteCount: WireValue, Hashable, Comparable {
    /// Never negative.
    public let bytes: Int64

    public static var schema: JSONValue {
        ["anyOf": [["type": "integer", "minimum": 0], ["type": "string", "pattern": "^[0-9]+[KMGT]?$"]]]
    }
    public static var example: JSONValue { "512M" }

    /// Nil for a negative number.
    public init?(bytes: Int64) {
        guard bytes >= 0 else { return nil }
        self.bytes = bytes
    }

    /// Digits and at most one of `K`, `M`, `G`, `T`.
    public init(_ text: String) throws(ValueError) {
        let number = text.prefix { $0.isASCII && $0.isNumber }
        let shifts = ["": 0, "K": 10, "M": 20, "G": 30, "T": 40]
        guard !number.isEmpty, let shift = shifts[String(text[number.endIndex...])] else {
            throw ValueError("\(text.quoted) is not an amount of bytes, such as 65536, 512M or 2G")
        }
        guard let count = Int64(number), count <= Int64.max >> Int64(shift) else {
            throw ValueError("\(text.quoted) is more bytes than 63 bits can count")
        }
        bytes = count << Int64(shift)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            switch try container.decode(JSONValue.self) {
            case .integer(let count):
                guard let value = ByteCount(bytes: count) else { throw ValueError("\(count) bytes are less than none") }
                self = value
            case .string(let text): try self.init(text)
            case let other: throw ValueError("\(other.kind) is not an amount of bytes, such as 65536 or \"512M\"")
            }
        } catch let error as ValueError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is wrong: \(error)")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }

    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }
}
