// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A decoder that has no value to decode: it notes what a type asks it for, and so finds out what the type decodes from.
///
/// A type is asked twice, since what it asks for may hang on what it is given: once every optional member is there, once
/// none is. A member is required when neither run could do without it.
final class SchemaDecoder: Decoder {
    /// What one object asked for.
    struct Member {
        var name: String
        var schema: JSONValue
        /// What it refers to, if it is one thing with a name.
        var type: String?
        var isRequired: Bool
        /// The type in whose `CodingKeys` the member stands: not always the one that is decoded.
        var owner: String
    }

    let shapes: SchemaShapes
    let optionalsAreThere: Bool
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]
    /// In the order in which they were asked for; nil until the value is opened as an object.
    private(set) var members: [Member]?
    /// What is decoded when it is no object.
    private(set) var scalar: JSONValue?
    private var tried: Set<String> = []

    init(_ shapes: SchemaShapes, optionalsAreThere: Bool) {
        self.shapes = shapes
        self.optionalsAreThere = optionalsAreThere
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        if members == nil { members = [] }
        return KeyedDecodingContainer(MemberContainer(decoder: self))
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { ScalarContainer(decoder: self) }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw SchemaProblem("an array that a type takes apart itself has no schema: make the type a WireValue")
    }

    /// Whether a member is there, asked before it is decoded: so it may be missing.
    fileprivate func isThere(_ name: String) -> Bool {
        tried.insert(name)
        return optionalsAreThere
    }

    fileprivate func note<T: Decodable>(_ type: T.Type, _ name: String, ownedBy owner: String) throws -> T {
        let (schema, sample) = try shapes.describe(type)
        members?.append(
            Member(
                name: name, schema: schema, type: schema["$ref"] == nil ? nil : SchemaShapes.name(of: type),
                isRequired: !tried.contains(name), owner: owner))
        return sample
    }

    fileprivate func note<T: Decodable>(scalar type: T.Type) throws -> T {
        let (schema, sample) = try shapes.describe(type)
        scalar = schema
        return sample
    }
}

/// Why a type has no schema. A mistake in this module, and found by its tests.
struct SchemaProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

private struct MemberContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: SchemaDecoder
    let codingPath: [any CodingKey] = []
    let allKeys: [Key] = []

    func contains(_ key: Key) -> Bool { decoder.isThere(key.stringValue) }
    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try note(type, key) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try note(type, key) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try note(type, key) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try note(type, key) }
    func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try note(type, key) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try note(type, key) }

    private func note<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T {
        try decoder.note(type, key.stringValue, ownedBy: SchemaShapes.enclosingType(of: Key.self))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw unsupported }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw unsupported }
    func superDecoder() throws -> any Decoder { throw unsupported }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw unsupported }

    private var unsupported: SchemaProblem {
        SchemaProblem("\(Key.self) opens a container within a member: give the member a type of its own")
    }
}

private struct ScalarContainer: SingleValueDecodingContainer {
    let decoder: SchemaDecoder
    let codingPath: [any CodingKey] = []

    func decodeNil() -> Bool { false }
    func decode(_ type: Bool.Type) throws -> Bool { try decoder.note(scalar: type) }
    func decode(_ type: String.Type) throws -> String { try decoder.note(scalar: type) }
    func decode(_ type: Double.Type) throws -> Double { try decoder.note(scalar: type) }
    func decode(_ type: Float.Type) throws -> Float { try decoder.note(scalar: type) }
    func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type) throws -> T { try decoder.note(scalar: type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.note(scalar: type) }
}
