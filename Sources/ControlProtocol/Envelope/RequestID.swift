// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What matches an answer to its request.
package enum RequestID: Codable, Sendable, Hashable {
    case integer(Int64)
    case string(String)

    /// Nil for anything but a string or an integer.
    package init?(_ value: JSONValue) {
        switch value {
        case .integer(let number): self = .integer(number)
        case .string(let text): self = .string(text)
        default: return nil
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Self(try container.decode(JSONValue.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "must be a string or an integer")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        }
    }
}
