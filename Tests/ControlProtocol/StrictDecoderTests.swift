// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

private struct Sample: Codable, Equatable {
    var name: String
    var count: UInt8?
    var ratio: Double?
    var flags: [Bool]?
    var nested: Nested?
    var free: JSONValue?
    var table: [String: Int]?

    struct Nested: Codable, Equatable {
        var offset: UInt64
    }
}

private func decode(
    _ text: String, unknownMembers: StrictDecoder.UnknownMembers = .refused
) throws -> Sample {
    try StrictDecoder.decode(
        Sample.self, from: try JSONValue(parsing: Array(text.utf8)), unknownMembers: unknownMembers)
}

@Suite("The strict decoder")
struct StrictDecoderTests {
    @Test("decodes what fits; null counts as absent")
    func fits() throws {
        let text = #"""
            {"name":"a","count":255,"ratio":2,"flags":[true,false],"nested":{"offset":9},"free":{"x":[1]},
             "table":{"1":1,"b":2}}
            """#
        let expected = Sample(
            name: "a", count: 255, ratio: 2, flags: [true, false], nested: .init(offset: 9), free: ["x": [1]],
            table: ["1": 1, "b": 2])
        #expect(try decode(text) == expected)
        #expect(try decode(#"{"name":"a","count":null}"#) == Sample(name: "a"))
    }

    @Test(
        "says what is wrong and where",
        arguments: [
            ("{}", "name", #"the parameter "name" is missing"#),
            (#"{"name":1}"#, "name", #"the parameter "name" must be a string, not an integer"#),
            (#"{"name":null}"#, "name", #"the parameter "name" must be a string, not null"#),
            (#"{"name":"","count":256}"#, "count", #"the parameter "count" must be between 0 and 255, not 256"#),
            (#"{"name":"","count":-1}"#, "count", #"the parameter "count" must be between 0 and 255, not -1"#),
            (
                #"{"name":"","count":1.0}"#, "count",
                #"the parameter "count" must be an integer, not a number with a fraction or beyond 64 bits"#
            ),
            (
                #"{"name":"","flags":[true,1]}"#, "flags[1]",
                #"the parameter "flags[1]" must be a boolean, not an integer"#
            ),
            (
                #"{"name":"","table":{"5":"x"}}"#, "table.5",
                #"the parameter "table.5" must be an integer, not a string"#
            ),
            (#"{"name":"","nested":{}}"#, "nested.offset", #"the parameter "nested.offset" is missing"#),
            (
                #"{"name":"","nested":{"offset":1,"x":1}}"#, "nested.x",
                #"the parameter "nested.x" is unknown; known here: offset"#
            ),
            (
                #"{"name":"","nmae":1}"#, "nmae",
                #"the parameter "nmae" is unknown; known here: count, flags, free, name, nested, ratio, table"#
            ),
            ("[]", "", "the object of parameters must be an object, not an array"),
        ])
    func errors(text: String, path: String, message: String) throws {
        let error = try #require(throws: ProtocolError.self) { try decode(text) }
        #expect(error.message == message)
        #expect(error.code == -32602)
        #expect(error.data == ["error": "invalid_params", "path": .string(path)])
    }

    @Test("skips unknown members where a later version may add some")
    func lenient() throws {
        #expect(
            try decode(#"{"name":"a","later":1,"nested":{"offset":1,"x":{}}}"#, unknownMembers: .ignored)
                == Sample(name: "a", nested: .init(offset: 1)))
    }

    @Test("finds an unknown member beside those of two containers on one object")
    func flattened() throws {
        let params: JSONValue = ["agent": "a", "columns": 80, "rows": 24]
        #expect(try AgentResize.params(from: params).size == TerminalSize(columns: 80, rows: 24))
        let error = try #require(throws: ProtocolError.self) {
            try AgentResize.params(from: ["agent": "a", "columns": 80, "rows": 24, "pixels": 1])
        }
        #expect(error.data["path"] == "pixels")
    }

    @Test("a method without parameters refuses any, and accepts none at all")
    func nothing() throws {
        _ = try SupervisorStatus.params(from: nil)
        _ = try SupervisorStatus.params(from: [:])
        let error = try #require(throws: ProtocolError.self) { try SupervisorStatus.params(from: ["x": 1]) }
        #expect(error.message == #"the parameter "x" is unknown"#)
    }
}
