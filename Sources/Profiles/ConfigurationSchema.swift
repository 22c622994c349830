// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The JSON Schema (2020-12) of a kind of file, for editors: its keys and the forms of their values. It accepts all
/// that the reader accepts; the reader has more to say about what a schema cannot express.
package enum ConfigurationSchema {
    package static var profile: JSONText {
        schema(ProfileLayer.self, titled: "A sandbox profile of agent-supervisor", ProfileKeys.descriptions)
    }

    package static var launcher: JSONText {
        schema(LauncherLayer.self, titled: "A launcher of agent-supervisor", [:])
    }

    private static func schema<Layer: ConfigurationLayer>(
        _ layer: Layer.Type, titled title: String, _ descriptions: [String: String]
    ) -> JSONText {
        let shape = ConfigurationMapping.shape(of: Layer.read)
        guard case .object(var schema) = shape.schema(at: "", descriptions) else { return .object([:]) }
        schema["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
        schema["title"] = .string(title)
        return .object(schema)
    }
}

extension ConfigurationShape {
    /// - Parameter path: the way to it, as in ``keys``.
    fileprivate func schema(at path: String, _ descriptions: [String: String]) -> JSONText {
        switch self {
        case .text(let pattern): Self.form([.string, .number, .boolean], pattern: pattern)
        case .boolean: .object(["type": .string("boolean")])
        case .integer(let range): Self.form([.integer], range)
        // What is not written as a number is one in quotes.
        case .decimal(let range): Self.form([.number, .string], range, pattern: "^[0-9]+(\\.[0-9]{1,2})?$")
        case .byteCount(let minimum):
            Self.form([.integer, .string], Int64(minimum)...Int64.max, pattern: "^(0|[1-9][0-9]*)[KMGT]?$")
        case .duration: Self.form([.string], pattern: "^(0|[1-9][0-9]*)(ms|s|m|h|d)$")
        case .choice(let words): .object(["enum": .array(words.map(JSONText.string))])
        case .list(let element):
            .object(["type": .string("array"), "items": element.schema(at: path + "[]", descriptions)])
        case .texts:
            .object([
                "type": .string("object"), "additionalProperties": ConfigurationShape.anyText.schema(at: path, [:]),
            ])
        case .either(let shapes): .object(["anyOf": .array(shapes.map { $0.schema(at: path, descriptions) })])
        case .mapping(let members): Self.mapping(members, at: path, descriptions)
        }
    }

    private static func mapping(_ members: Members, at path: String, _ descriptions: [String: String]) -> JSONText {
        var properties: [String: JSONText] = [:]
        for (key, shape) in members.shapes {
            let path = path.isEmpty ? key : "\(path).\(key)"
            guard case .object(var schema) = shape.schema(at: path, descriptions) else { continue }
            schema["description"] = descriptions[path].map(JSONText.string)
            properties[key] = .object(schema)
        }
        var schema: [String: JSONText] = [
            "type": .string("object"), "properties": .object(properties), "additionalProperties": .boolean(false),
        ]
        if !members.required.isEmpty { schema["required"] = .array(members.required.sorted().map(JSONText.string)) }
        return .object(schema)
    }

    private enum JSONType: String {
        case string, number, integer, boolean
    }

    /// Each keyword speaks of the types that it is about, and of no others.
    private static func form(
        _ types: [JSONType], _ range: ClosedRange<Int64>? = nil, pattern: String? = nil
    ) -> JSONText {
        let names = types.map { JSONText.string($0.rawValue) }
        var schema: [String: JSONText] = ["type": names.count == 1 ? names[0] : .array(names)]
        if let range {
            schema["minimum"] = .number(range.lowerBound)
            if range.upperBound < .max { schema["maximum"] = .number(range.upperBound) }
        }
        schema["pattern"] = pattern.map(JSONText.string)
        return .object(schema)
    }
}
