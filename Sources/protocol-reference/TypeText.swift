// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// A schema in a few words, with links to what it refers to.
struct TypeText {
    let text: String

    init(_ schema: JSONValue) {
        text = Self.words(schema)
    }

    private static func words(_ schema: JSONValue) -> String {
        if let reference = schema["$ref"]?.text {
            let name = String(reference.split(separator: "/").last ?? "")
            return "[\(name)](#\(Anchor.of(name)))"
        }
        if case .array(let choices)? = schema["anyOf"] { return choices.map(words).joined(separator: " or ") }
        if case .array(let choices)? = schema["enum"] {
            return choices.map { "`\(String(decoding: $0.encoded(), as: UTF8.self))`" }.joined(separator: " or ")
        }
        if case .array(let types)? = schema["type"], case .object(var members) = schema {
            return types.map { type in
                members["type"] = type
                return words(.object(members))
            }.joined(separator: " or ")
        }
        switch schema["type"]?.text {
        case "array": return "list of \(words(schema["items"] ?? [:]))"
        case "object": return schema["additionalProperties"].map { "object of \(words($0))" } ?? "object"
        case "null": return "null"
        case let type? where type == "integer" || type == "number": return type + range(schema)
        case let type?: return type
        case nil: return "any"
        }
    }

    private static func range(_ schema: JSONValue) -> String {
        guard case .integer(let least)? = schema["minimum"] else { return "" }
        // What only says how many bits there are is of no interest.
        if case .integer(let most)? = schema["maximum"], most < 1 << 31 { return ", \(least) to \(most)" }
        return least > .min && least > -(1 << 31) ? " ≥ \(least)" : ""
    }
}

/// The place of a heading in a page, as GitHub names it.
enum Anchor {
    static func of(_ heading: String) -> String {
        String(
            heading.lowercased().compactMap { character in
                character == " "
                    ? "-" : character.isLetter || character.isNumber || "-_".contains(character) ? character : nil
            })
    }
}
