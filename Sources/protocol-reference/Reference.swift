// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// `docs/protocol.md`: an introduction by hand, and all the rest from the OpenRPC document.
struct Reference {
    let document: OpenRPCDocument
    let introduction: String

    var text: String {
        let note = "<!-- Made by make reference from docs/protocol/introduction.md and the sources. Change those. -->"
        return
            ([note, "# The control protocol, version \(ProtocolLimits.version)", introduction.trimmed]
            + [methods, notifications, events, errors, objects, values].map(\.trimmed)).joined(separator: "\n\n") + "\n"
    }

    private var shapes: [(name: String, value: JSONValue)] {
        document.json["components"]?["schemas"]?.members ?? []
    }

    // MARK: - Methods

    private var methods: String {
        let all = document.json["methods"]?.elements ?? []
        var text = """
            ## Methods

            In the tables below a `?` marks what may be left out, and in answers what may be missing or null.


            """
        text += Self.table(
            ["method", ""],
            all.map { method in
                let name = method["name"]?.text ?? ""
                return ["[`\(name)`](#\(Anchor.of(name)))", method["summary"]?.text ?? ""]
            })
        for method in all { text += "\n" + section(method) }
        return text
    }

    private func section(_ method: JSONValue) -> String {
        let name = method["name"]?.text ?? ""
        let params = method["params"]?.elements ?? []
        let schema = method["result"]?["schema"] ?? [:]
        let errors = (method["errors"]?.elements ?? []).compactMap { $0["$ref"]?.text?.split(separator: "/").last }
        return """
            ### \(name)

            \(method["description"]?.text ?? "")

            **Role**: \(method["x-role"]?.text ?? "")

            \(params.isEmpty ? "No params.\n" : Self.members(params))
            **Result**:\(result(schema))

            **Errors**: \(errors.map { "`\($0)`" }.joined(separator: ", "))

            \(example(method))

            """
    }

    /// What an answer holds is shown in place, unless others answer it as well.
    private func result(_ schema: JSONValue) -> String {
        guard let name = schema["$ref"]?.text?.split(separator: "/").last.map(String.init), name.hasSuffix("Result"),
            let shape = shapes.first(where: { $0.name == name })
        else {
            return schema == [:] ? " an OpenRPC document." : " \(TypeText(schema).text)."
        }
        return "\n\n" + members(of: shape.value, called: name).trimmed
    }

    private func example(_ method: JSONValue) -> String {
        let name = method["name"]?.text ?? ""
        let pairing = method["examples"]?.elements.first
        let params = (pairing?["params"]?.elements ?? []).map {
            ($0["name"]?.text ?? "", Self.json($0["value"] ?? .null))
        }
        var request = [("jsonrpc", "\"2.0\""), ("id", "1"), ("method", Self.json(.string(name)))]
        if !params.isEmpty { request.append(("params", Self.object(params))) }
        var lines = [Self.object(request)]
        let isAgent = method["result"]?["schema"]?["$ref"]?.text == "#/components/schemas/Agent"
        // Once is enough.
        if !isAgent || name == "agent/get", let value = pairing?["result"]?["value"] {
            lines.append(Self.object([("jsonrpc", "\"2.0\""), ("id", "1"), ("result", Self.json(value))]))
        }
        return "```json\n\(lines.joined(separator: "\n"))\n```"
    }

    private static func json(_ value: JSONValue) -> String { String(decoding: value.encoded(), as: UTF8.self) }

    /// With its members in the order that they are given in.
    private static func object(_ members: [(name: String, value: String)]) -> String {
        "{\(members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ","))}"
    }

    // MARK: - What the daemon sends by itself

    private var notifications: String {
        var text = "## Notifications\n\nWhat the daemon sends by itself, for a subscription.\n"
        for notification in document.json["x-notifications"]?.elements ?? [] {
            text += """

                ### Notification \(notification["name"]?.text ?? "")

                \(notification["description"]?.text ?? "")

                \(Self.members(notification["params"]?.elements ?? []))
                """
        }
        return text
    }

    private var events: String {
        let rows = (document.json["x-events"]?.elements ?? []).map { event in
            ["`\(event["type"]?.text ?? "")`", event["description"]?.text ?? ""]
        }
        return """
            ## Events

            The types of events, and what their `data` has. Where a client asked for it, `data.peer` says which: `uid`, `pid`
            and `executable`.

            \(Self.table(["type", ""], rows))
            """
    }

    private var errors: String {
        let errors = (document.json["components"]?["errors"]?.members ?? []).sorted { one, other in
            // JSON-RPC's own first.
            let (a, b) = (one.value["code"]?.number ?? 0, other.value["code"]?.number ?? 0)
            return (a > -32100 ? 1 : 0, -a) < (b > -32100 ? 1 : 0, -b)
        }
        let rows = errors.map { name, error in
            let data = document.json["x-errorData"]?[name]?["properties"]?.members ?? []
            return [
                "\(error["code"]?.number ?? 0)", "`\(name)`", error["message"]?.text ?? "",
                data.filter { $0.name != "error" }.map { "`\($0.name)`" }.joined(separator: ", "),
            ]
        }
        var described: [String: String] = [:]
        for (_, schema) in document.json["x-errorData"]?.members ?? [] {
            for (name, member) in schema["properties"]?.members ?? [] {
                described[name] = member["description"]?.text
            }
        }
        let members = described.sorted { $0.key < $1.key }.map { ["`\($0.key)`", $0.value] }
        return """
            ## Errors

            ```json
            {"code":-32001,"message":"no agent is called \\"foo\\"","data":{"error":"agent_not_found","agent":"foo"}}
            ```

            `message` is a sentence for a person, `data.error` a word for a program. Any method can fail with
            `invalid_params`, `permission_denied`, `limit_reached` and `internal_error`.

            \(Self.table(["code", "`data.error`", "", "also in `data`"], rows))

            \(Self.table(["in `data`", ""], members))
            """
    }

    // MARK: - Objects and values

    private var objects: String {
        var text = "## Objects\n"
        for (name, schema) in shapes where schema["properties"] != nil && !isShownInPlace(name) {
            text += "\n### \(name)\n\n\(schema["description"]?.text ?? "")\n\n\(members(of: schema, called: name))"
        }
        return text
    }

    private func isShownInPlace(_ name: String) -> Bool {
        guard name.hasSuffix("Result") else { return false }
        return (document.json["methods"]?.elements ?? []).contains {
            $0["result"]?["schema"]?["$ref"]?.text == "#/components/schemas/\(name)"
        }
    }

    private var values: String {
        var text = "## Kinds of values\n"
        for (name, schema) in shapes where schema["properties"] == nil {
            text += "\n### \(name)\n\n\(schema["description"]?.text ?? "")\n\n"
            if case .array(let words)? = schema["enum"] {
                text += words.compactMap(\.text).map { word in
                    let meaning = schema["x-values"]?[word]?.text
                    return "- `\(word)`" + (meaning.map { ": \(Self.inSentence($0))" } ?? "") + "\n"
                }.joined()
            } else {
                let pattern = schema["pattern"]?.text.map { ", of the form `\($0)`" } ?? ""
                text += "JSON: \(TypeText(schema).text)\(pattern).\n"
            }
        }
        return text
    }

    private static func inSentence(_ text: String) -> String { String(text.trimmed) }

    /// The members of an object, in the order of its type.
    private func members(of schema: JSONValue, called name: String) -> String {
        let properties = schema["properties"]?.members ?? []
        guard !properties.isEmpty else { return "It has no members.\n" }
        let required = Set((schema["required"]?.elements ?? []).compactMap(\.text))
        let order = document.order[name] ?? properties.map(\.name)
        return Self.members(
            order.compactMap { name in
                guard let schema = properties.first(where: { $0.name == name })?.value else { return nil }
                return [
                    "name": .string(name), "schema": schema, "description": schema["description"] ?? "",
                    "required": .bool(required.contains(name)),
                ]
            })
    }

    private static func members(_ members: [JSONValue]) -> String {
        guard !members.isEmpty else { return "" }
        return table(
            ["member", "type", ""],
            members.map { member in
                let isRequired = member["required"] == true
                return [
                    "`\(member["name"]?.text ?? "")`" + (isRequired ? "" : "?"), TypeText(member["schema"] ?? [:]).text,
                    member["description"]?.text ?? "",
                ]
            })
    }

    private static func table(_ headings: [String], _ rows: [[String]]) -> String {
        let lines = [headings, headings.map { _ in "---" }] + rows
        return lines.map { cells in
            let plain = cells.map { cell in
                cell.split(separator: "\n").joined(separator: " ")
                    .split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
            }
            return "| " + plain.joined(separator: " | ") + " |\n"
        }.joined()
    }
}

extension JSONValue {
    fileprivate var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// In the order of their names.
    fileprivate var members: [(name: String, value: JSONValue)] {
        guard case .object(let members) = self else { return [] }
        return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    fileprivate var number: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }
}

extension String {
    /// Without the empty lines around it.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text.drop(while: \.isNewline))
    }
}
