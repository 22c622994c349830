// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Decodes values from JSON and explains what does not fit, with the path: a wrong type, a number out of range, a
/// missing member, and a member that nothing asked for.
public enum StrictDecoder {
    /// What becomes of members that the decoded type does not know.
    public enum UnknownMembers: Sendable {
        /// As in the params of a request, where a misspelt member must not be a silent default.
        case refused
        /// As in results and notifications, to which a later daemon may add.
        case ignored
    }

    /// Fails with `invalid_params`, whose `data.path` names the place within `value`.
    public static func decode<T: Decodable>(
        _ type: T.Type, from value: JSONValue, unknownMembers: UnknownMembers = .refused
    ) throws(ProtocolError) -> T {
        do {
            return try ValueDecoder(value: value, codingPath: [], unknownMembers: unknownMembers).decode(type)
        } catch let error as ProtocolError {
            throw error
        } catch let error as DecodingError {
            throw ProtocolError(refusing: error)
        } catch {
            throw .invalidParams(path: JSONPath(), reason: "\(error)")
        }
    }
}

extension ProtocolError {
    fileprivate init(refusing error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self = .invalidParams(path: JSONPath(codingPath: context.codingPath + [key]), reason: "is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            self = .invalidParams(path: JSONPath(codingPath: context.codingPath), reason: context.debugDescription)
        @unknown default:
            self = .invalidParams(path: JSONPath(), reason: "\(error)")
        }
    }
}

extension JSONPath {
    fileprivate init(codingPath: [any CodingKey]) {
        self.init(
            codingPath.map { key in
                if let element = key as? ElementKey { .element(element.index) } else { .member(key.stringValue) }
            })
    }
}

/// An array's index on a coding path. `intValue` cannot tell one: the keys of dictionaries have it, too.
private struct ElementKey: CodingKey {
    let index: Int

    init(_ index: Int) { self.index = index }
    init?(stringValue: String) { nil }
    init?(intValue: Int) { self.init(intValue) }
    var stringValue: String { "\(index)" }
    var intValue: Int? { index }
}

/// The decoder of one value. A class, because the containers it hands out must tell it which members they asked for.
private final class ValueDecoder: Decoder {
    let value: JSONValue
    let codingPath: [any CodingKey]
    let unknownMembers: StrictDecoder.UnknownMembers
    let userInfo: [CodingUserInfoKey: Any] = [:]
    /// Nil until someone opens the value as an object.
    var asked: Set<String>?
    /// Decoders of nested containers, whose members are checked together with ours.
    var nested: [ValueDecoder] = []

    init(value: JSONValue, codingPath: [any CodingKey], unknownMembers: StrictDecoder.UnknownMembers) {
        self.value = value
        self.codingPath = codingPath
        self.unknownMembers = unknownMembers
    }

    func child(_ value: JSONValue, at key: any CodingKey) -> ValueDecoder {
        ValueDecoder(value: value, codingPath: codingPath + [key], unknownMembers: unknownMembers)
    }

    func nestedChild(_ value: JSONValue, at key: any CodingKey) -> ValueDecoder {
        let decoder = child(value, at: key)
        nested.append(decoder)
        return decoder
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if type == JSONValue.self, let value = value as? T { return value }
        let result: T
        do {
            result = try T(from: self)
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.count == codingPath.count {
            guard let words = Self.words(of: type) else { throw DecodingError.dataCorrupted(context) }
            throw ProtocolError.invalidParams(
                path: JSONPath(codingPath: codingPath), reason: "must be one of \(words.joined(separator: ", "))")
        }
        try checkMembers()
        return result
    }

    /// What an enumeration's cases are called, where they are called by words.
    private static func words<T>(of type: T.Type) -> [String]? {
        func words<Cases: CaseIterable>(_ type: Cases.Type) -> [String] {
            type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        }
        guard let cases = type as? any CaseIterable.Type else { return nil }
        let found = words(cases)
        return found.isEmpty ? nil : found
    }

    private func checkMembers() throws {
        for decoder in nested { try decoder.checkMembers() }
        guard unknownMembers == .refused, let asked, case .object(let members) = value else { return }
        guard let unknown = members.keys.filter({ !asked.contains($0) }).min() else { return }
        let known = asked.isEmpty ? "" : "; known here: \(asked.sorted().joined(separator: ", "))"
        throw ProtocolError.invalidParams(
            path: JSONPath(codingPath: codingPath + [NameKey(stringValue: unknown)]), reason: "is unknown\(known)")
    }

    func mismatch(_ expected: String) -> ProtocolError {
        .invalidParams(path: JSONPath(codingPath: codingPath), reason: "must be \(expected), not \(value.kind)")
    }

    func boolean() throws -> Bool {
        guard case .bool(let value) = value else { throw mismatch("a boolean") }
        return value
    }

    func string() throws -> String {
        guard case .string(let value) = value else { throw mismatch("a string") }
        return value
    }

    func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard case .integer(let integer) = value else { throw mismatch("an integer") }
        guard let result = T(exactly: integer) else {
            throw ProtocolError.invalidParams(
                path: JSONPath(codingPath: codingPath),
                reason: "must be between \(T.min) and \(T.max), not \(integer)")
        }
        return result
    }

    func number<T: BinaryFloatingPoint>(_ type: T.Type) throws -> T {
        switch value {
        case .integer(let value): return T(value)
        case .number(let value): return T(value)
        default: throw mismatch("a number")
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch("an object") }
        if asked == nil { asked = [] }
        return KeyedDecodingContainer(ObjectContainer(decoder: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch("an array") }
        return ArrayContainer(decoder: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        ScalarContainer(decoder: self)
    }
}

private struct NameKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

private struct ObjectContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ValueDecoder
    let members: [String: JSONValue]
    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { members.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool {
        decoder.asked?.insert(key.stringValue)
        return members[key.stringValue] != nil
    }

    private func member(_ key: Key) throws -> JSONValue {
        guard contains(key), let value = members[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is missing"))
        }
        return value
    }

    private func child(_ key: Key) throws -> ValueDecoder { decoder.child(try member(key), at: key) }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key) == .null }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try child(key).boolean() }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try child(key).string() }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try child(key).number(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try child(key).number(type) }
    func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try child(key).integer(type)
    }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try child(key).decode(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder.nestedChild(try member(key), at: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder.nestedChild(try member(key), at: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: "has no super object"))
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { decoder.nestedChild(try member(key), at: key) }
}

private struct ArrayContainer: UnkeyedDecodingContainer {
    let decoder: ValueDecoder
    let elements: [JSONValue]
    private(set) var currentIndex = 0

    init(decoder: ValueDecoder, elements: [JSONValue]) {
        self.decoder = decoder
        self.elements = elements
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    private func current() throws -> ValueDecoder {
        guard !isAtEnd else {
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: "has too few elements"))
        }
        return decoder.child(elements[currentIndex], at: ElementKey(currentIndex))
    }

    private mutating func advance<T>(_ body: (ValueDecoder) throws -> T) throws -> T {
        let result = try body(try current())
        currentIndex += 1
        return result
    }

    mutating func decodeNil() throws -> Bool {
        guard try current().value == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try advance { try $0.boolean() } }
    mutating func decode(_ type: String.Type) throws -> String { try advance { try $0.string() } }
    mutating func decode(_ type: Double.Type) throws -> Double { try advance { try $0.number(type) } }
    mutating func decode(_ type: Float.Type) throws -> Float { try advance { try $0.number(type) } }
    mutating func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type) throws -> T {
        try advance { try $0.integer(type) }
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try advance { try $0.decode(type) } }

    private mutating func nested() throws -> ValueDecoder {
        let element = try current()
        currentIndex += 1
        decoder.nested.append(element)
        return element
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try nested().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try nested().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try nested() }
}

private struct ScalarContainer: SingleValueDecodingContainer {
    let decoder: ValueDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.value == .null }
    func decode(_ type: Bool.Type) throws -> Bool { try decoder.boolean() }
    func decode(_ type: String.Type) throws -> String { try decoder.string() }
    func decode(_ type: Double.Type) throws -> Double { try decoder.number(type) }
    func decode(_ type: Float.Type) throws -> Float { try decoder.number(type) }
    func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type) throws -> T { try decoder.integer(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }
}
