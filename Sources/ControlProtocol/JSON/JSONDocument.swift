// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A JSON text that is sound but for repeated members, which are reported beside the value (the first one of each name
/// stands): whoever answers a faulty request still needs the `id` in it.
struct JSONDocument {
    let value: JSONValue
    let firstRepeatedMember: JSONError?

    /// - Parameter isRequest: refuses besides what would take a hostile sender's reader long to compare.
    init(parsing bytes: some Collection<UInt8>, isRequest: Bool = false) throws(JSONError) {
        var parser = JSONParser(bytes: Array(bytes), limitsMarks: isRequest)
        value = try parser.parseDocument()
        firstRepeatedMember = parser.firstRepeatedMember
    }
}

/// A recursive-descent parser of RFC 8259, bounded in depth. Each byte is looked at a constant number of times.
private struct JSONParser {
    private let bytes: [UInt8]
    private var position = 0
    private var path: [JSONPath.Component] = []
    /// Values so far.
    private var count = 0
    private(set) var firstRepeatedMember: JSONError?

    /// Whether texts with long runs of combining marks are refused.
    private let limitsMarks: Bool

    /// In Unicode's stream-safe form (UAX #15, section 13) it is 30; nothing that is written by people has more.
    private static let maximumMarks = 128

    init(bytes: [UInt8], limitsMarks: Bool) {
        self.bytes = bytes
        self.limitsMarks = limitsMarks
    }

    private func fault(_ reason: JSONError.Reason, at offset: Int? = nil) -> JSONError {
        JSONError(reason: reason, offset: offset ?? position, path: JSONPath(path))
    }

    private var unexpected: JSONError {
        position < bytes.count ? fault(.unexpectedByte(bytes[position])) : fault(.unexpectedEnd)
    }

    mutating func parseDocument() throws(JSONError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw fault(.byteOrderMark) }
        skipWhitespace()
        if position == bytes.count { throw fault(.empty) }
        let value = try parseValue()
        skipWhitespace()
        if position < bytes.count { throw fault(.trailingBytes) }
        return value
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): position += 1
            default: return
            }
        }
    }

    /// Steps over `byte` if it comes next.
    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func parseValue() throws(JSONError) -> JSONValue {
        guard position < bytes.count else { throw unexpected }
        count += 1
        guard count <= JSONValue.maximumCount else { throw fault(.tooMany) }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", as: true)
        case UInt8(ascii: "f"): return try parseWord("false", as: false)
        case UInt8(ascii: "n"): return try parseWord("null", as: nil)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw unexpected
        }
    }

    private mutating func parseWord(_ word: StaticString, as value: JSONValue) throws(JSONError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount where !take(word.utf8Start[index]) { throw unexpected }
        return value
    }

    private mutating func parseObject() throws(JSONError) -> JSONValue {
        guard path.count < JSONValue.maximumDepth else { throw fault(.tooDeep) }
        position += 1
        var members: [String: JSONValue] = [:]
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipWhitespace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw unexpected }
            let start = position
            let name = try parseString()
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw unexpected }
            skipWhitespace()
            path.append(.member(name))
            let value = try parseValue()
            if members[name] == nil {
                members[name] = value
            } else if firstRepeatedMember == nil {
                firstRepeatedMember = fault(.repeatedMember, at: start)
            }
            path.removeLast()
            skipWhitespace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw unexpected }
        }
    }

    private mutating func parseArray() throws(JSONError) -> JSONValue {
        guard path.count < JSONValue.maximumDepth else { throw fault(.tooDeep) }
        position += 1
        var elements: [JSONValue] = []
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            skipWhitespace()
            path.append(.element(elements.count))
            elements.append(try parseValue())
            path.removeLast()
            skipWhitespace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw unexpected }
        }
    }

    /// Steps over decimal digits and says how many there were.
    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        return position - start
    }

    private mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            guard skipDigits() == 0 else { throw fault(.invalidNumber, at: start) }
        } else if skipDigits() == 0 {
            throw fault(.invalidNumber, at: start)
        }
        var whole = true
        if take(UInt8(ascii: ".")) {
            whole = false
            guard skipDigits() > 0 else { throw fault(.invalidNumber, at: start) }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            whole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard skipDigits() > 0 else { throw fault(.invalidNumber, at: start) }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if whole, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw fault(.numberOutOfRange, at: start) }
        return .number(number)
    }

    private mutating func parseString() throws(JSONError) -> String {
        position += 1
        let start = position
        try skipPlainText()
        if take(UInt8(ascii: "\"")) { return try text(of: bytes[start..<position - 1], at: start) }
        var unescaped = Array(bytes[start..<position])
        while !take(UInt8(ascii: "\"")) {
            try parseEscape(into: &unescaped)
            let run = position
            try skipPlainText()
            unescaped += bytes[run..<position]
        }
        return try text(of: unescaped[...], at: start)
    }

    private func text(of utf8: ArraySlice<UInt8>, at offset: Int) throws(JSONError) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else { throw fault(.invalidUTF8, at: offset) }
        if limitsMarks, utf8.contains(where: { $0 >= 0x80 }) { try checkMarks(of: text, at: offset) }
        return text
    }

    /// Texts are compared as Unicode says, which puts marks that follow each other in order first: of n that takes n² steps,
    /// and a line has room for half a million.
    private func checkMarks(of text: String, at offset: Int) throws(JSONError) {
        var run = 0
        for scalar in text.unicodeScalars {
            run = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : run + 1
            if run > Self.maximumMarks { throw fault(.tooManyMarks, at: offset) }
        }
    }

    /// Steps up to the next quote or backslash.
    private mutating func skipPlainText() throws(JSONError) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            if byte < 0x20 { throw fault(.controlCharacterInString) }
            position += 1
        }
        throw fault(.unexpectedEnd)
    }

    private mutating func parseEscape(into unescaped: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        guard position < bytes.count else { throw fault(.unexpectedEnd) }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): unescaped += Array(String(try parseUnicodeEscape(from: start)).utf8)
        default: throw fault(.invalidEscape, at: start)
        }
    }

    private mutating func parseUnicodeEscape(from start: Int) throws(JSONError) -> Character {
        let first = try parseHex(from: start)
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        guard (0xD800...0xDBFF).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw fault(.loneSurrogate, at: start)
        }
        let second = try parseHex(from: start)
        guard (0xDC00...0xDFFF).contains(second) else { throw fault(.loneSurrogate, at: start) }
        let joined = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        guard let scalar = Unicode.Scalar(joined) else { throw fault(.loneSurrogate, at: start) }
        return Character(scalar)
    }

    private mutating func parseHex(from start: Int) throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw fault(.unexpectedEnd) }
            let digit = Character(UnicodeScalar(bytes[position]))
            guard bytes[position] < 0x80, let number = digit.hexDigitValue else {
                throw fault(.invalidEscape, at: start)
            }
            value = value << 4 | UInt16(number)
            position += 1
        }
        return value
    }
}
