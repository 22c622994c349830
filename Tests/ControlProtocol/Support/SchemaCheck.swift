// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What a value has otherwise than its schema in the OpenRPC document says. Knows as much of JSON Schema as the document
/// uses; `OpenRPCTests` has Python's jsonschema judge the same examples.
struct SchemaCheck {
    static let document = Result { try OpenRPCDocument() }

    private let schemas: JSONValue

    static func faults(inParams value: JSONValue, of method: String) throws -> [String] {
        let (document, description) = try description(of: method)
        return SchemaCheck(schemas: document.schemas).faults(value, paramsSchema(description), "params")
    }

    static func faults(inResult value: JSONValue, of method: String) throws -> [String] {
        let (document, description) = try description(of: method)
        return SchemaCheck(schemas: document.schemas).faults(value, description["result"]?["schema"] ?? false, "result")
    }

    static func description(of method: String) throws -> (JSONValue, JSONValue) {
        let document = try document.get().json
        guard let found = document["methods"]?.elements.first(where: { $0["name"] == .string(method) }) else {
            throw ValueError("\(method) is not described")
        }
        return (document, found)
    }

    /// The params of a method as the one object that they are.
    static func paramsSchema(_ method: JSONValue) -> JSONValue {
        let params = method["params"]?.elements ?? []
        return [
            "type": "object", "additionalProperties": false,
            "required": .array(params.filter { $0["required"] == true }.compactMap { $0["name"] }),
            "properties": .object(
                Dictionary(uniqueKeysWithValues: params.map { ($0["name"]?.text ?? "", $0["schema"] ?? [:]) })),
        ]
    }

    private func faults(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
        if let reference = schema["$ref"]?.text {
            let name = String(reference.split(separator: "/").last ?? "")
            guard let shape = schemas[name] else { return ["\(path): nothing is called \(name)"] }
            return faults(value, shape, path)
        }
        if let choices = schema["anyOf"]?.elements {
            return choices.contains { faults(value, $0, path).isEmpty } ? [] : ["\(path): none of its choices"]
        }
        if let words = schema["enum"]?.elements, !words.contains(value) { return ["\(path): no such word"] }
        if let type = schema["type"] {
            let types = type.text.map { [$0] } ?? type.elements.compactMap(\.text)
            guard types.contains(where: { $0 == value.type || $0 == "number" && value.type == "integer" }) else {
                return ["\(path): is \(value.kind), not \(types)"]
            }
        }
        switch value {
        case .integer(let number):
            if case .integer(let least)? = schema["minimum"], number < least { return ["\(path): too small"] }
            if case .integer(let most)? = schema["maximum"], number > most { return ["\(path): too great"] }
            return []
        case .array(let elements):
            guard let items = schema["items"] else { return [] }
            return elements.enumerated().flatMap { faults($1, items, "\(path)[\($0)]") }
        case .string(let text):
            guard let pattern = schema["pattern"]?.text, let expression = try? Regex(pattern) else { return [] }
            return text.wholeMatch(of: expression) == nil ? ["\(path): not of the form \(pattern)"] : []
        case .object(let members): return faults(members, schema, path)
        default: return []
        }
    }

    private func faults(_ members: [String: JSONValue], _ schema: JSONValue, _ path: String) -> [String] {
        var found: [String] = []
        for name in schema["required"]?.elements.compactMap(\.text) ?? [] where members[name] == nil {
            found.append("\(path): has no \(name)")
        }
        for (name, value) in members {
            if let property = schema["properties"]?[name] {
                found += faults(value, property, "\(path).\(name)")
            } else if schema["additionalProperties"] == false {
                found.append("\(path): knows no \(name)")
            } else if let others = schema["additionalProperties"] {
                found += faults(value, others, "\(path).\(name)")
            }
        }
        return found.sorted()
    }
}

extension JSONValue {
    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    /// Of an OpenRPC document.
    var schemas: JSONValue { self["components"]?["schemas"] ?? [:] }

    /// JSON Schema's word for what it is.
    var type: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    func value(at path: [String]) -> JSONValue? {
        path.reduce(self) { value, name in value?[name] }
    }

    /// The value with another at a path.
    func with(_ value: JSONValue?, at path: [String]) -> JSONValue {
        guard let name = path.first else { return value ?? .null }
        var members = self.members
        members[name] =
            path.count > 1 || value != nil ? (members[name] ?? [:]).with(value, at: Array(path.dropFirst())) : nil
        return .object(members)
    }
}
