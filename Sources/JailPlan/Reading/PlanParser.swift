// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// JSON (RFC 8259), as far as plans go.
struct PlanParser {
    let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(PlanError) -> PlanTree {
        let result = try value()
        skipSpace()
        guard position == bytes.count else { throw fault }
        return result
    }

    private var fault: PlanError { PlanError(description: "it is no JSON from byte \(position) on") }
    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(PlanError) -> PlanTree {
        guard depth < 32 else { throw fault }
        depth += 1
        defer { depth -= 1 }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"):
            return .object(try list(until: "}") { (parser) throws(PlanError) in try parser.member() })
        case UInt8(ascii: "["): return .array(try list(until: "]") { (parser) throws(PlanError) in try parser.value() })
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: StaticString, _ value: PlanTree) throws(PlanError) -> PlanTree {
        let word = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes[position...].starts(with: word) else { throw fault }
        position += word.count
        return value
    }

    private mutating func list<Element>(
        until end: Unicode.Scalar, _ element: (inout PlanParser) throws(PlanError) -> Element
    ) throws(PlanError) -> [Element] {
        position += 1
        var elements: [Element] = []
        if take(end) { return elements }
        repeat { elements.append(try element(&self)) } while take(",")
        guard take(end) else { throw fault }
        return elements
    }

    private mutating func member() throws(PlanError) -> (name: String, value: PlanTree) {
        skipSpace()
        let name = try string()
        guard take(":") else { throw fault }
        return (name, try value())
    }

    private mutating func number() throws(PlanError) -> PlanTree {
        let isNegative = next == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let first = position
        var magnitude: UInt64? = 0
        while let byte = next, 0x30...0x39 ~= byte {
            position += 1
            magnitude = magnitude.flatMap { sum in
                let (tens, over) = sum.multipliedReportingOverflow(by: 10)
                let (result, more) = tens.addingReportingOverflow(UInt64(byte - 0x30))
                return over || more ? nil : result
            }
        }
        guard position > first else { throw fault }
        var isWhole = true
        while let byte = next, [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte) || 0x30...0x39 ~= byte {
            position += 1
            isWhole = false
        }
        guard isWhole, let magnitude else { return .number }
        return .integer(isNegative: isNegative, magnitude: magnitude)
    }

    private mutating func string() throws(PlanError) -> String {
        guard next == UInt8(ascii: "\"") else { throw fault }
        position += 1
        let first = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
        guard next == UInt8(ascii: "\\") else { return try text(bytes[first..<position]) }
        var result = Array(bytes[first..<position])
        while let byte = next, byte != UInt8(ascii: "\"") {
            position += 1
            if byte == UInt8(ascii: "\\") { try escape(into: &result) } else { result.append(byte) }
        }
        return try text(result[...])
    }

    private mutating func text(_ utf8: ArraySlice<UInt8>) throws(PlanError) -> String {
        guard next == UInt8(ascii: "\""), let text = String(validating: utf8, as: UTF8.self) else { throw fault }
        position += 1
        return text
    }

    private mutating func escape(into result: inout [UInt8]) throws(PlanError) {
        let codes: [UInt8: UInt8] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
        ]
        guard let kind = next else { throw fault }
        position += 1
        if let byte = codes[kind] { return result.append(byte) }
        guard kind == UInt8(ascii: "u") else { throw fault }
        var code = try hexadecimal()
        if 0xD800..<0xDC00 ~= code, bytes[position...].starts(with: [0x5C, 0x75]) {
            position += 2
            let low = try hexadecimal()
            guard 0xDC00..<0xE000 ~= low else { throw fault }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault }
        result += Array(String(scalar).utf8)
    }

    private mutating func hexadecimal() throws(PlanError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw fault }
            position += 1
            code = code << 4 | UInt32(digit)
        }
        return code
    }
}
