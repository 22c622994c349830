// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

private func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

private func reason(_ bytes: some Collection<UInt8>) -> JSONError.Reason? {
    do {
        _ = try JSONValue(parsing: bytes)
        return nil
    } catch {
        return error.reason
    }
}

private func reason(_ text: String) -> JSONError.Reason? { reason(Array(text.utf8)) }

@Suite("The JSON parser")
struct JSONParserTests {
    @Test("reads every kind of value")
    func values() throws {
        let text = #" {"a":[null,true,false,0,-0,-12,9223372036854775807,1.5,1e2,-2E-1],"b":{"":"x"}, "c" : "" } "#
        let expected: JSONValue = [
            "a": [
                nil, true, false, 0, 0, -12, .integer(.max), .number(1.5), .number(100), .number(-0.2),
            ],
            "b": ["": "x"], "c": "",
        ]
        #expect(try parse(text) == expected)
    }

    @Test("reads every escape, also of characters beyond the basic plane")
    func escapes() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\uD83D\uDE00\u0000""#) == "\"\\/\u{8}\u{C}\n\r\tA\u{E9}😀\0")
        #expect(try parse("\"é😀\u{7F}\"") == "é😀\u{7F}")
    }

    @Test("keeps an integer beyond 64 bits as a number")
    func bigInteger() throws {
        #expect(try parse("9223372036854775808") == .number(9223372036854775808))
        #expect(try parse("-9223372036854775808") == .integer(.min))
    }

    @Test(
        "refuses what RFC 8259 does not allow",
        arguments: [
            ("", .empty), (" \n", .empty), ("{", .unexpectedEnd), ("[1,]", .unexpectedByte(UInt8(ascii: "]"))),
            (#"{"a":1,}"#, .unexpectedByte(UInt8(ascii: "}"))), ("{a:1}", .unexpectedByte(UInt8(ascii: "a"))),
            ("[1 2]", .unexpectedByte(UInt8(ascii: "2"))), ("tru", .unexpectedEnd), ("True", .unexpectedByte(84)),
            ("01", .invalidNumber), ("-", .invalidNumber), ("1.", .invalidNumber), ("1e", .invalidNumber),
            (".5", .unexpectedByte(46)), ("+1", .unexpectedByte(43)), ("NaN", .unexpectedByte(78)),
            ("1e400", .numberOutOfRange), ("-1e400", .numberOutOfRange), ("{} x", .trailingBytes),
            ("{}{}", .trailingBytes), ("\"a\nb\"", .controlCharacterInString), ("\"\0\"", .controlCharacterInString),
            ("\0", .unexpectedByte(0)), (#""\x""#, .invalidEscape), (#""\u12G4""#, .invalidEscape),
            (#""\u+123""#, .invalidEscape), (#""\u12"#, .unexpectedEnd), (#""\"#, .unexpectedEnd),
            ("\"abc", .unexpectedEnd), ("'a'", .unexpectedByte(39)), ("\u{A0}1", .unexpectedByte(0xC2)),
        ] as [(String, JSONError.Reason)])
    func refused(text: String, expected: JSONError.Reason) {
        #expect(reason(text) == expected)
    }

    @Test(
        "refuses half a surrogate pair, whichever half and whatever follows",
        arguments: [#""\uD800""#, #""\uDC00""#, #""\uD800\uD800""#, #""\uD800x""#, #""\uD800\n""#, #""\uDE00\uD83D""#])
    func loneSurrogates(text: String) {
        #expect(reason(text) == .loneSurrogate)
    }

    @Test(
        "refuses invalid UTF-8, also a surrogate or an overlong form written as bytes",
        arguments: [[0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80]] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(reason([UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]) == .invalidUTF8)
        #expect(reason(Array("\"\\n".utf8) + bytes + [UInt8(ascii: "\"")]) == .invalidUTF8)
        #expect(reason(Array("{\"".utf8) + bytes + Array("\":1}".utf8)) == .invalidUTF8)
    }

    @Test("refuses a byte order mark")
    func byteOrderMark() {
        #expect(reason([0xEF, 0xBB, 0xBF] + Array("{}".utf8)) == .byteOrderMark)
    }

    @Test("names a member that is there twice, by its path", arguments: ["", "\\u0061"])
    func repeatedMember(spelling: String) {
        let name = spelling.isEmpty ? "a" : spelling
        let text = #"{"x":[{"a":1},{"b":{"a":1,"c":{},"\#(name)":1}}]}"#
        #expect(throws: JSONError.self) { try parse(text) }
        do {
            _ = try parse(text)
        } catch {
            #expect(error.reason == .repeatedMember)
            #expect(error.path.description == "x[1].b.a")
            #expect(error.description == "the member x[1].b.a is there twice")
        }
    }

    @Test("accepts the deepest nesting allowed, refuses one level more, and 10000 levels as calmly")
    func depth() {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(reason(nested(JSONValue.maximumDepth)) == nil)
        #expect(reason(nested(JSONValue.maximumDepth + 1)) == .tooDeep)
        #expect(reason(nested(10_000)) == .tooDeep)
        #expect(reason(String(repeating: #"{"a":"#, count: 10_000)) == .tooDeep)
    }

    @Test("accepts as many values as are allowed, and refuses one more")
    func count() {
        // The array itself is one.
        let most = Array(repeating: "1", count: JSONValue.maximumCount - 1)
        #expect(reason("[\(most.joined(separator: ","))]") == nil)
        #expect(reason("[\((most + ["1"]).joined(separator: ","))]") == .tooMany)
    }

    @Test("reads back what it writes")
    func roundTrip() throws {
        let value: JSONValue = [
            "text": "\u{1B}[1m\"quoted\" \\ / é 😀 \u{2028}\u{7F}\0\n\r\t",
            "numbers": [1, -1, .number(0.1), .number(1e300)],
            "nothing": nil, "empty": [[:], []], "": true,
        ]
        #expect(try JSONValue(parsing: value.encoded()) == value)
        #expect(
            String(decoding: (["b": 1, "a": "\u{1B}/"] as JSONValue).encoded(), as: UTF8.self)
                == #"{"a":"\u001b/","b":1}"#)
    }

    @Test("every byte sequence of a mutated request is read or refused, never a crash")
    func mutations() {
        let request = Array(#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":[1.5e3,"\u00e9\n",null]}}"#.utf8)
        for position in request.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = request
                bytes[position] = byte
                _ = reason(bytes)
                _ = reason(bytes.prefix(position))
            }
        }
    }

    @Test("a megabyte of escapes takes no quadratic time")
    func largeInput() throws {
        let text = "\"" + String(repeating: "\\u001b[0m\\n", count: 90_000) + "\""
        let clock = ContinuousClock()
        let elapsed = try clock.measure { _ = try parse(text) }
        #expect(elapsed < .seconds(5))
    }
}
