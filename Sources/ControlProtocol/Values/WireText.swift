// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A value that travels as a JSON string of a certain form and is valid once made.
public protocol WireText: WireValue, Hashable, CustomStringConvertible {
    /// Fails with a sentence that names the text and what is expected.
    init(_ text: String) throws(ValueError)
    var text: String { get }
}

extension WireText {
    public var description: String { text }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is wrong: \(error)")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Why a text is not the value it should be, as a sentence for a person.
public struct ValueError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

extension String {
    /// The text in quotes for an error message, cut at 64 characters and without control characters.
    var quoted: String {
        // Of what Unicode counts: any number of these can make up one character.
        let plain = unicodeScalars.prefix(64).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        let isCut = unicodeScalars.dropFirst(64).first != nil
        return "\"\(String(String.UnicodeScalarView(plain)))\(isCut ? "…" : "")\""
    }
}
