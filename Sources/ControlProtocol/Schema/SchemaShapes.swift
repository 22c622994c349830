// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The JSON Schema (draft 7) of types, found out from how they decode. Types with a name of their own are collected as
/// shared shapes, to which the others refer.
final class SchemaShapes {
    /// A shared shape: what `#/components/schemas` holds under its name.
    struct Shape {
        /// The type in Swift, without its module.
        var type: String
        var form: Form

        enum Form {
            /// In the order of the type's members. Closed: no other member is taken.
            case object([SchemaDecoder.Member], isClosed: Bool)
            case value(JSONValue)
        }
    }

    private(set) var shapes: [String: Shape] = [:]
    /// What is described belongs to requests, in which unknown members are refused. Otherwise a later daemon may add some.
    var isClosed = false

    /// The members of the object that a type decodes from, in the order in which it asks for them.
    func members<T: Decodable>(of type: T.Type) throws -> [SchemaDecoder.Member] {
        guard let members = try explore(type).members else {
            throw SchemaProblem("\(type) does not decode from an object")
        }
        return members
    }

    func schema<T: Decodable>(of type: T.Type) throws -> JSONValue { try describe(type).schema }

    /// The schema of a type, and a value of it, with which the type that asks for it can go on.
    func describe<T: Decodable>(_ type: T.Type) throws -> (schema: JSONValue, sample: T) {
        if let plain = try plain(type) { return plain }
        let name = Self.name(of: type)
        let reference: JSONValue = ["$ref": .string("#/components/schemas/\(Self.sharedName(name))")]
        if let value = type as? any WireValue.Type {
            try share(name, .value(value.schema))
            return (reference, try StrictDecoder.decode(type, from: value.example))
        }
        if let choices = type as? any CaseIterable.Type, let (words, first) = Self.words(choices),
            let first = first as? T
        {
            try share(name, .value(["type": "string", "enum": .array(words.map(JSONValue.string))]))
            return (reference, first)
        }
        let (members, scalar, sample) = try explore(type)
        if let members {
            try share(name, .object(members, isClosed: isClosed))
        } else if let scalar {
            try share(name, .value(scalar))
        } else {
            throw SchemaProblem("\(name) decodes from nothing")
        }
        return (reference, sample)
    }

    /// What requests and answers have in common is open, as in answers.
    private func share(_ name: String, _ form: Shape.Form) throws {
        let known = shapes[Self.sharedName(name)]
        if let known, known.type != name { throw SchemaProblem("\(known.type) and \(name) have one name") }
        if isClosed, case .object(_, isClosed: false)? = known?.form { return }
        shapes[Self.sharedName(name)] = Shape(type: name, form: form)
    }

    private func explore<T: Decodable>(
        _ type: T.Type
    ) throws -> (members: [SchemaDecoder.Member]?, scalar: JSONValue?, sample: T) {
        let without = SchemaDecoder(self, optionalsAreThere: false)
        _ = try T(from: without)
        let with = SchemaDecoder(self, optionalsAreThere: true)
        let sample = try T(from: with)
        guard var members = with.members else { return (nil, with.scalar, sample) }
        if let bounded = type as? any BoundedMembers.Type {
            for index in members.indices {
                guard let bounds = bounded.bounds[members[index].name] else { continue }
                members[index].schema = bounds.narrow(members[index].schema)
            }
        }
        let needed = Set((without.members ?? []).map(\.name))
        for index in members.indices where !needed.contains(members[index].name) { members[index].isRequired = false }
        let known = Set(members.map(\.name))
        for var member in without.members ?? [] where !known.contains(member.name) {
            member.isRequired = false
            members.append(member)
        }
        return (members, nil, sample)
    }

    private func plain<T: Decodable>(_ type: T.Type) throws -> (schema: JSONValue, sample: T)? {
        func result(_ schema: JSONValue, _ sample: Any) -> (JSONValue, T)? { (sample as? T).map { (schema, $0) } }
        if type == JSONValue.self { return result([:], JSONValue.null) }
        if type == Bool.self { return result(["type": "boolean"], false) }
        if type == String.self { return result(["type": "string"], "") }
        if type == Double.self { return result(["type": "number"], 1.0) }
        if let integer = type as? any (FixedWidthInteger & Decodable).Type {
            // 1, since some things cannot be 0.
            return result(Self.schema(of: integer), Self.one(integer))
        }
        if let collection = type as? any DescribedCollection.Type {
            return result(try collection.schema(self), collection.empty)
        }
        return nil
    }

    private static func one<T: FixedWidthInteger>(_ type: T.Type) -> Any { T(1) }

    private static func schema<T: FixedWidthInteger>(of type: T.Type) -> JSONValue {
        var schema: [String: JSONValue] = ["type": "integer"]
        if let least = Int64(exactly: T.min), least > .min { schema["minimum"] = .integer(least) }
        if let most = Int64(exactly: T.max), most < .max { schema["maximum"] = .integer(most) }
        return .object(schema)
    }

    /// The words of a choice, and its first value. Nil for a type that is not written as words.
    private static func words<T: CaseIterable>(_ type: T.Type) -> (words: [String], first: T)? {
        let words = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        guard let first = type.allCases.first, words.count == type.allCases.count else { return nil }
        return (words, first)
    }

    // MARK: - Names

    /// `AgentStart.Limits`
    static func name(of type: Any.Type) -> String {
        // A private type has `(unknown context at $1234)` before its own name.
        String(reflecting: type).split(separator: ".").dropFirst().filter { !$0.hasPrefix("(") }.joined(separator: ".")
    }

    /// The type whose keys these are.
    static func enclosingType(of keys: Any.Type) -> String {
        name(of: keys).split(separator: ".").dropLast().joined(separator: ".")
    }

    /// `AgentStartLimits`: many a generator makes a type of the name.
    static func sharedName(_ name: String) -> String { name.split(separator: ".").joined() }
}

/// Lists and tables, which have the schema of what is in them.
private protocol DescribedCollection {
    static func schema(_ shapes: SchemaShapes) throws -> JSONValue
    static var empty: Self { get }
}

extension Array: DescribedCollection where Element: Decodable {
    fileprivate static func schema(_ shapes: SchemaShapes) throws -> JSONValue {
        ["type": "array", "items": try shapes.schema(of: Element.self)]
    }

    fileprivate static var empty: Self { [] }
}

extension Dictionary: DescribedCollection where Key == String, Value: Decodable {
    fileprivate static func schema(_ shapes: SchemaShapes) throws -> JSONValue {
        ["type": "object", "additionalProperties": try shapes.schema(of: Value.self)]
    }

    fileprivate static var empty: Self { [:] }
}
