// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Why a text is not the JSON that this project reads, and where.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    public var reason: Reason
    /// Bytes before the fault.
    public var offset: Int
    /// The value in which the fault lies, or the repeated member.
    public var path: JSONPath

    public init(reason: Reason, offset: Int, path: JSONPath = JSONPath()) {
        self.reason = reason
        self.offset = offset
        self.path = path
    }

    public enum Reason: Sendable, Hashable {
        case empty
        case byteOrderMark
        case unexpectedByte(UInt8)
        case unexpectedEnd
        case trailingBytes
        case invalidNumber
        case numberOutOfRange
        case controlCharacterInString
        case invalidEscape
        case loneSurrogate
        case invalidUTF8
        case tooDeep
        case tooMany
        case tooManyMarks
        case repeatedMember
    }

    public var description: String {
        let place = path.components.isEmpty ? "at byte \(offset)" : "at byte \(offset), in \(path)"
        return switch reason {
        case .empty: "there is no JSON text"
        case .byteOrderMark: "the JSON text starts with a byte order mark"
        case .unexpectedByte(let byte):
            (0x21...0x7E).contains(byte)
                ? "unexpected \"\(Character(UnicodeScalar(byte)))\" \(place)"
                : "unexpected byte 0x\(String(byte, radix: 16)) \(place)"
        case .unexpectedEnd: "the JSON text ends too early, \(place)"
        case .trailingBytes: "something follows the JSON text, \(place)"
        case .invalidNumber: "malformed number \(place)"
        case .numberOutOfRange: "the number \(place) is beyond the range of a double"
        case .controlCharacterInString: "a string holds an unescaped control character \(place)"
        case .invalidEscape: "malformed escape in a string \(place)"
        case .loneSurrogate: "half a surrogate pair in a string \(place)"
        case .invalidUTF8: "a string is not valid UTF-8, \(place)"
        case .tooMany: "more than \(JSONValue.maximumCount) values \(place)"
        case .tooManyMarks: "a string holds more than 128 combining marks in a row \(place); send such bytes as base64"
        case .tooDeep: "more than \(JSONValue.maximumDepth) levels of nesting \(place)"
        case .repeatedMember: "the member \(path) is there twice"
        }
    }
}

/// The way to a value inside a JSON text: `limits.memory`, `command[2]`. Empty for the whole.
public struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    public var components: [Component]

    public enum Component: Sendable, Hashable {
        case member(String)
        case element(Int)
    }

    public init(_ components: [Component] = []) {
        self.components = components
    }

    /// Cut at 256 characters, since member names are the sender's to choose.
    public var description: String {
        var text = ""
        for component in components {
            switch component {
            case .member(let name): text += text.isEmpty ? name : ".\(name)"
            case .element(let index): text += "[\(index)]"
            }
            if text.utf8.count > 256 { return String(String.UnicodeScalarView(text.unicodeScalars.prefix(256))) + "…" }
        }
        return text
    }
}
