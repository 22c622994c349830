// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import Testing

@testable import ControlProtocol
@testable import protocol_reference

private enum Repository {
    static let root = String(#filePath.dropLast("/Tests/ControlProtocol/OpenRPCTests.swift".count))

    static func text(_ path: String) throws -> String {
        try String(contentsOf: URL(filePath: "\(root)/\(path)"), encoding: .utf8)
    }
}

@Suite("The OpenRPC document")
struct OpenRPCTests {
    let document: OpenRPCDocument

    init() throws { document = try OpenRPCDocument() }

    @Test("describes every method, every event, every member and everything that they refer to, in words")
    func descriptions() throws {
        #expect(document.json["methods"]?.elements.compactMap { $0["name"]?.text } == Methods.all.map { $0.name })
        for (name, schema) in document.json.schemas.members {
            #expect(schema["description"]?.text?.isEmpty == false, "\(name)")
            for (member, schema) in schema["properties"]?.members ?? [:] {
                #expect(schema["description"]?.text?.isEmpty == false, "\(name).\(member)")
            }
        }
        for method in document.json["methods"]?.elements ?? [] {
            #expect(method["description"]?.text?.isEmpty == false)
            for param in method["params"]?.elements ?? [] {
                #expect(param["description"]?.text?.isEmpty == false, "\(method["name"]?.text ?? "").\(param)")
            }
        }
        let events = (document.json["x-events"]?.elements ?? []).compactMap { $0["type"]?.text }
        #expect(events == EventType.known.map(\.rawValue).sorted())
        #expect((document.json["x-notifications"]?.elements ?? []).count == ServerNotifications.all.count)
    }

    @Test("fits a line from the daemon, with room to grow")
    func size() {
        let line = DaemonLine.result(document.json, to: .string("x"))
        #expect(line.count < ProtocolLimits.maximumDaemonLine * 3 / 4)
        #expect(!String(decoding: line.prefix(60), as: UTF8.self).contains("\"error\""))
    }

    @Test("a member is in a schema if and only if the decoder knows it")
    func members() throws {
        for method in Methods.all {
            let (_, description) = try SchemaCheck.description(of: method.name)
            let known = try known(method, from: try example(description).params)
            #expect(
                known == Set((description["params"]?.elements ?? []).compactMap { $0["name"]?.text }), "\(method.name)")
        }
    }

    /// What the decoder says it knows when it is given a member that it does not.
    private func known<M: Method>(_ method: M.Type, from params: JSONValue) throws -> Set<String> {
        let error = try #require(throws: ProtocolError.self) {
            try M.params(from: params.with(1, at: ["zzz"]))
        }
        let list = error.message.split(separator: "; known here: ")
        return list.count < 2 ? [] : Set(list[1].split(separator: ", ").map(String.init))
    }

    @Test("every example is one that the method takes, and answers")
    func examples() throws {
        for method in Methods.all {
            let (_, description) = try SchemaCheck.description(of: method.name)
            let example = try example(description)
            try read(method, example.params, example.result)
            #expect(try SchemaCheck.faults(inParams: example.params, of: method.name) == [])
            #expect(try SchemaCheck.faults(inResult: example.result, of: method.name) == [])
        }
    }

    /// With no member that the types do not know.
    private func read<M: Method>(_ method: M.Type, _ params: JSONValue, _ result: JSONValue) throws {
        _ = try M.params(from: params)
        _ = try StrictDecoder.decode(M.Result.self, from: result)
    }

    private func example(_ method: JSONValue) throws -> (params: JSONValue, result: JSONValue) {
        let pairing = try #require(method["examples"]?.elements.first)
        var params: [String: JSONValue] = [:]
        for param in pairing["params"]?.elements ?? [] { params[try #require(param["name"]?.text)] = param["value"] }
        return (.object(params), try #require(pairing["result"]?["value"]))
    }

    @Test("each error's data has the members that are described")
    func errors() throws {
        let agent = try AgentReference("a")
        let made: [ProtocolError] = [
            .parseError(JSONError(reason: .empty, offset: 0)), .invalidRequest("x"), .methodNotFound("x"),
            .invalidParams(path: "x", reason: "is wrong"), .internalError("x"), .agentNotFound(agent),
            .invalidState(.exited, "x"), .permissionDenied("x"), .nameTaken(try AgentName("a")),
            .limitReached("x", "x"),
            .profileInvalid(file: "x", line: nil, reason: "x"), .jailFailed(stage: "x", errno: nil, hint: nil, "x"),
            .timedOut("x"), .unsupportedHere(feature: "x", "x"), .draining, .agentAmbiguous(agent, matches: []),
            .cancelled,
        ]
        #expect(Set(made.map(\.kind)) == Set(ProtocolError.Kind.allCases))
        for error in made {
            let kind = try #require(error.kind)
            #expect(Set(error.data.keys) == Set(ErrorData.members(of: kind) + ["error"]), "\(kind)")
            let schema = document.json["x-errorData"]?[kind.rawValue]
            #expect(schema?["required"]?.elements.count == error.data.count)
        }
    }

    @Test("every doc comment that a program may show is up to date")
    func commentsAreUpToDate() {
        #expect(system("'\(Repository.root)/scripts/describe-protocol' --check") == 0)
    }

    @Test("docs/protocol.md is what is made of it: else run make reference")
    func reference() throws {
        let introduction = try Repository.text("docs/protocol/introduction.md")
        let text = Reference(document: document, introduction: introduction).text
        #expect(try Repository.text("docs/protocol.md") == text)
    }

    @Test("the reference's links lead to headings of its own, of which no two are alike")
    func links() throws {
        let text = try Repository.text("docs/protocol.md")
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }
            .map { Anchor.of(String($0.drop { "# ".contains($0) })) }
        #expect(Set(headings).count == headings.count)
        let links = text.matches(of: /\]\(#([^)]*)\)/).map { String($0.output.1) }
        #expect(links.count > 100)
        #expect(Set(links).subtracting(headings).sorted() == [])
    }

    @Test(
        "is one by OpenRPC's rules, and its schemas are schemas",
        .enabled(if: PythonTools.path != nil, "needs what scripts/fetch-python-tools fetches"))
    func rules() throws {
        let path = FileManager.default.temporaryDirectory.path + "/openrpc-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(document.json.encoded()).write(to: URL(filePath: path))
        let judge = "'\(Repository.root)/Tests/Support/openrpc-judge'"
        #expect(system("PYTHONPATH='\(PythonTools.path ?? "")' \(judge) '\(path)'") == 0)
    }
}
