// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A value that travels as one JSON string or number of a certain form, and says itself which: its decoding, being code,
/// cannot be looked at.
public protocol WireValue: Codable, Sendable {
    /// What it decodes from, as JSON Schema (draft 7), without the description, which is the type's doc comment.
    static var schema: JSONValue { get }
    /// Something that it decodes from.
    static var example: JSONValue { get }
}

extension WireText {
    public static var schema: JSONValue { ["type": "string"] }
}

extension RawRepresentable where Self: WireValue, RawValue == String {
    public static var schema: JSONValue { ["type": "string"] }
}
