// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The protocol as an OpenRPC document (https://spec.open-rpc.org, 1.3), made from the types that read and write it, so
/// that it cannot say anything else than they do.
public struct OpenRPCDocument: Sendable {
    public let json: JSONValue
    /// The members of each shared object, in the order of its type: JSON keeps none.
    public let order: [String: [String]]

    /// - Throws: when a type has no schema or no description: a mistake in this module, which its tests find.
    public init() throws {
        let builder = Builder()
        json = try builder.document()
        order = builder.shapes.shapes.compactMapValues { shape in
            if case .object(let members, _) = shape.form { members.map(\.name) } else { nil }
        }
    }
}

private final class Builder {
    let shapes = SchemaShapes()
    /// What has no doc comment.
    private var undescribed: Set<String> = []

    func document() throws -> JSONValue {
        // Requests before answers: what both have is described as answers have it.
        shapes.isClosed = true
        var params: [[SchemaDecoder.Member]] = []
        for method in Methods.all { params.append(try members(of: method)) }
        shapes.isClosed = false
        var methods: [JSONValue] = []
        for (method, params) in zip(Methods.all, params) { methods.append(try description(of: method, params)) }
        var notifications: [JSONValue] = []
        for notification in ServerNotifications.all { notifications.append(try description(of: notification)) }
        let document: JSONValue = [
            "openrpc": "1.3.2",
            "info": [
                "title": "agent-supervisor control protocol", "version": .string("\(ProtocolLimits.version)"),
                "description": .string(
                    "JSON-RPC 2.0 over a Unix-domain socket, one object a line. The reference is docs/protocol.md."),
                "license": ["name": "Apache-2.0"],
            ],
            "methods": .array(methods),
            "components": ["schemas": .object(try schemas()), "errors": .object(errors())],
            "x-notifications": .array(notifications),
            "x-events": .array(events()),
            "x-errorData": .object(
                Dictionary(
                    uniqueKeysWithValues: ProtocolError.Kind.allCases.map { ($0.rawValue, ErrorData.schema(of: $0)) })),
        ]
        guard undescribed.isEmpty else {
            throw SchemaProblem("without a doc comment: \(undescribed.sorted().joined(separator: ", "))")
        }
        return document
    }

    // MARK: - Methods

    private func members<M: Method>(of method: M.Type) throws -> [SchemaDecoder.Member] {
        try shapes.members(of: M.Params.self)
    }

    private func description<M: Method>(of method: M.Type, _ params: [SchemaDecoder.Member]) throws -> JSONValue {
        let description = try description(ofMessage: SchemaShapes.name(of: method), called: M.name)
        let (exampleParams, exampleResult) = try Examples.exchange(of: M.name)
        var examples: [JSONValue] = []
        for member in params {
            guard let value = exampleParams[member.name] else { continue }
            examples.append(["name": .string(member.name), "value": value])
        }
        return [
            "name": .string(M.name), "summary": .string(Self.firstSentence(of: description)),
            "description": .string(description), "x-role": .string(M.role.rawValue), "paramStructure": "by-name",
            "params": .array(params.map(descriptor)),
            "result": [
                "name": .string(resultName(M.Result.self)), "schema": try shapes.schema(of: M.Result.self),
            ],
            "errors": .array(
                Self.errors(of: method, params).map { ["$ref": .string("#/components/errors/\($0.rawValue)")] }),
            "examples": [
                [
                    "name": .string(M.name), "params": .array(examples),
                    "result": ["name": "result", "value": exampleResult],
                ]
            ],
        ]
    }

    private func descriptor(_ member: SchemaDecoder.Member) -> JSONValue {
        [
            "name": .string(member.name), "required": .bool(member.isRequired), "schema": member.schema,
            "description": .string(description(of: member)),
        ]
    }

    private func resultName<T>(_ type: T.Type) -> String {
        type == JSONValue.self ? "document" : SchemaShapes.sharedName(SchemaShapes.name(of: type))
    }

    /// In the order of all errors.
    private static func errors<M: Method>(
        of method: M.Type, _ params: [SchemaDecoder.Member]
    ) -> [ProtocolError.Kind] {
        var kinds = Set(M.errors).union(ProtocolError.Kind.ofAnyMethod)
        if params.contains(where: { $0.name == "agent" || $0.name == "agents" }) {
            kinds.formUnion([.agentNotFound, .agentAmbiguous])
        }
        return ProtocolError.Kind.allCases.filter(kinds.contains)
    }

    // MARK: - What the daemon sends by itself

    private func description<N: ServerNotification>(of notification: N.Type) throws -> JSONValue {
        let description = try description(ofMessage: SchemaShapes.name(of: notification), called: N.method)
        return [
            "name": .string(N.method), "summary": .string(Self.firstSentence(of: description)),
            "description": .string(description),
            "params": .array(try shapes.members(of: notification).map(descriptor)),
        ]
    }

    private func events() -> [JSONValue] {
        let prefix = "EventType."
        return Descriptions.texts.keys.filter { $0.hasPrefix(prefix) && $0.dropFirst(prefix.count).contains(".") }
            .sorted().map { key in
                [
                    "type": .string(String(key.dropFirst(prefix.count))),
                    "description": .string(Descriptions.texts[key] ?? ""),
                ]
            }
    }

    // MARK: - Components

    private func schemas() throws -> [String: JSONValue] {
        var schemas: [String: JSONValue] = [:]
        for (name, shape) in shapes.shapes {
            var schema: [String: JSONValue]
            switch shape.form {
            case .value(.object(let members)):
                schema = members
                if let words = Self.words(of: shape.type, members) { schema["x-values"] = words }
            case .value: throw SchemaProblem("the schema of \(shape.type) is no object")
            case .object(let members, let isClosed):
                schema = object(members)
                if isClosed { schema["additionalProperties"] = false }
            }
            schema["title"] = .string(name)
            schema["description"] = .string(description(ofShape: shape.type))
            schemas[name] = .object(schema)
        }
        return schemas
    }

    private func object(_ members: [SchemaDecoder.Member]) -> [String: JSONValue] {
        var properties: [String: JSONValue] = [:]
        for member in members {
            guard case .object(var schema) = member.isRequired ? member.schema : Self.orNull(member.schema) else {
                continue
            }
            schema["description"] = .string(description(of: member))
            properties[member.name] = .object(schema)
        }
        var schema: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
        let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return schema
    }

    /// What may be missing may also be null, which says the same.
    private static func orNull(_ schema: JSONValue) -> JSONValue {
        guard schema != [:] else { return schema }
        if case .object(var members) = schema, case .string(let type)? = members["type"] {
            members["type"] = [.string(type), "null"]
            return .object(members)
        }
        return ["anyOf": [schema, ["type": "null"]]]
    }

    /// What each word of a choice means, where that takes saying.
    private static func words(of type: String, _ schema: [String: JSONValue]) -> JSONValue? {
        guard case .array(let words)? = schema["enum"] else { return nil }
        var meanings: [String: JSONValue] = [:]
        for case .string(let word) in words {
            if let text = Descriptions.texts["\(type).\(word)"] { meanings[word] = .string(text) }
        }
        return meanings.isEmpty ? nil : .object(meanings)
    }

    private func errors() -> [String: JSONValue] {
        var errors: [String: JSONValue] = [:]
        for kind in ProtocolError.Kind.allCases {
            errors[kind.rawValue] = [
                "code": .integer(Int64(kind.code)),
                "message": .string(description("ProtocolError.Kind.\(kind.rawValue)")),
                "data": ["error": .string(kind.rawValue)],
            ]
        }
        return errors
    }

    // MARK: - Descriptions

    private func description(_ key: String) -> String {
        if let text = Descriptions.texts[key] { return text }
        undescribed.insert(key)
        return ""
    }

    /// A member's own, or else that of its type.
    private func description(of member: SchemaDecoder.Member) -> String {
        let key = "\(member.owner).\(member.name)"
        if let type = member.type, Descriptions.texts[key] == nil, let text = Descriptions.texts[type] { return text }
        return description(key)
    }

    private func description(ofShape type: String) -> String {
        let suffix = ".Result"
        guard type.hasSuffix(suffix), Descriptions.texts[type] == nil else { return description(type) }
        let method = Methods.all.first { SchemaShapes.name(of: $0) == type.dropLast(suffix.count) }
        return "What `\(method?.name ?? type)` answers."
    }

    /// Without the name, with which the comment begins.
    private func description(ofMessage type: String, called name: String) throws -> String {
        var text = description(type)
        guard text.isEmpty || text.hasPrefix("`\(name)`") else {
            throw SchemaProblem("the doc comment of \(type) does not begin with `\(name)`")
        }
        let start = text.firstIndex(of: ":").map(text.index(after:)) ?? text.startIndex
        text = String(text[start...].drop { $0 == " " })
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    private static func firstSentence(of text: String) -> String {
        guard let end = text.firstRange(of: ". ") ?? text.firstRange(of: ".\n") else { return text }
        return String(text[..<end.lowerBound]) + "."
    }
}
