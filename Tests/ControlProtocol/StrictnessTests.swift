// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

/// A request that must not be taken, made from the schema of its method, so that a method that is new is covered as well.
struct Misfit: Sendable, CustomTestStringConvertible {
    var method: String
    var params: JSONValue
    /// What the error has to name.
    var path: String
    var why: String

    var testDescription: String { "\(method): \(why) \(path)" }

    static let all: [Misfit] = {
        guard let document = try? SchemaCheck.document.get().json else { return [] }
        return (document["methods"]?.elements ?? []).flatMap { method in
            let example = method["examples"]?.elements.first?["params"]?.elements ?? []
            let params = Dictionary(
                uniqueKeysWithValues: example.map { ($0["name"]?.text ?? "", $0["value"] ?? .null) })
            var maker = Maker(method: method["name"]?.text ?? "", params: .object(params), schemas: document.schemas)
            maker.object(SchemaCheck.paramsSchema(method), at: [])
            return maker.misfits
        }
    }()

    private struct Maker {
        let method: String
        let params: JSONValue
        let schemas: JSONValue
        var misfits: [Misfit] = []

        mutating func object(_ schema: JSONValue, at path: [String]) {
            // Where something required is missing, that is said first.
            if params.value(at: path) != nil || schema["required"] == nil {
                add("an unknown member", path + ["zzz"], 1)
            }
            for (name, member) in schema["properties"]?.members ?? [:] { value(member, at: path + [name]) }
            for name in schema["required"]?.elements.compactMap(\.text) ?? [] {
                add("without the required", path + [name], nil)
            }
        }

        private mutating func value(_ schema: JSONValue, at path: [String]) {
            let schema = resolved(schema)
            guard let wrong = wrong(schema) else { return }
            add("a wrong type for", path, wrong)
            if schema["enum"] != nil { add("a word that is none of", path, "no such word") }
            if schema["pattern"] != nil { add("a text of the wrong form for", path, "\u{1}") }
            if case .integer(let least)? = schema["minimum"], least > .min {
                add("too small a number for", path, .integer(least - 1))
            }
            if case .integer(let most)? = schema["maximum"] { add("too great a number for", path, .integer(most + 1)) }
            if schema["properties"] != nil { object(schema, at: path) }
            if let items = schema["items"].map(resolved), let wrong = self.wrong(items) {
                add("a wrong element of", path, [wrong], suffix: "[0]")
            }
            if let others = schema["additionalProperties"], others != false, let wrong = self.wrong(resolved(others)) {
                add("a wrong member of", path, ["k": wrong], suffix: ".k")
            }
        }

        private mutating func add(_ why: String, _ path: [String], _ value: JSONValue?, suffix: String = "") {
            misfits.append(
                Misfit(
                    method: method, params: params.with(value, at: path), path: path.joined(separator: ".") + suffix,
                    why: why))
        }

        /// A value of a type that the schema does not have; nil where it takes any.
        private func wrong(_ schema: JSONValue) -> JSONValue? {
            let types = self.types(schema)
            guard !types.isEmpty else { return nil }
            return [true, "a", 7, [], ["a": 1]].first { !types.contains($0.type) && $0.type != "null" }
        }

        private func types(_ schema: JSONValue) -> Set<String> {
            let schema = resolved(schema)
            if let choices = schema["anyOf"]?.elements {
                return choices.reduce(into: []) { $0.formUnion(self.types($1)) }
            }
            guard let type = schema["type"] else { return [] }
            let types = Set(type.text.map { [$0] } ?? type.elements.compactMap(\.text))
            return types.contains("number") ? types.union(["integer"]) : types
        }

        private func resolved(_ schema: JSONValue) -> JSONValue {
            guard let name = schema["$ref"]?.text?.split(separator: "/").last else {
                // A member that may be missing may be null as well.
                let choices = (schema["anyOf"]?.elements ?? []).filter { $0 != ["type": "null"] }
                return choices.count == 1 ? resolved(choices[0]) : schema
            }
            return schemas[String(name)] ?? [:]
        }
    }
}

@Suite("Params are read strictly")
struct StrictnessTests {
    @Test("what does not fit a method's schema is refused, with the path of what does not fit", arguments: Misfit.all)
    func refused(misfit: Misfit) throws {
        let method = try #require(Methods.all.first { $0.name == misfit.method })
        let error = try #require(throws: ProtocolError.self) { try read(method, misfit.params) }
        #expect(error.kind == .invalidParams)
        #expect(error.data["path"] == .string(misfit.path), "\(error)")
    }

    @Test("there is something to refuse in every method, and several things in those with params")
    func isComplete() {
        for method in Methods.all { #expect(Misfit.all.contains { $0.method == method.name }) }
        #expect(Misfit.all.count > 200)
    }

    @Test("null counts as left out, whatever the member")
    func null() throws {
        for method in Methods.all {
            let (document, description) = try SchemaCheck.description(of: method.name)
            _ = document
            let example = description["examples"]?.elements.first?["params"]?.elements ?? []
            var params = Dictionary(
                uniqueKeysWithValues: example.map { ($0["name"]?.text ?? "", $0["value"] ?? .null) })
            for param in description["params"]?.elements ?? [] {
                guard param["required"] == false, let name = param["name"]?.text, params[name] == nil else { continue }
                params[name] = .null
            }
            try read(method, .object(params))
        }
    }

    @Test("a member that stands there twice is refused by name, at any depth")
    func twice() {
        for (params, path) in [
            (#"{"agent":"a","agent":"b"}"#, "agent"), (#"{"limits":{"memory":1,"memory":2}}"#, "limits.memory"),
            (#"{"limits":{},"labels":{"a":"","\u0061":""}}"#, "labels.a"),
        ] {
            let line = #"{"jsonrpc":"2.0","id":1,"method":"agent/start","params":\#(params)}"#
            let refusal = #expect(throws: RequestEnvelope.Refusal.self) { try RequestEnvelope(line: line.utf8) }
            #expect(refusal?.error.kind == .invalidParams)
            #expect(refusal?.error.data["path"] == .string(path))
        }
    }

    private func read<M: Method>(_ method: M.Type, _ params: JSONValue) throws { _ = try M.params(from: params) }
}
