// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Text of an agent's for a terminal, with nothing left in it that the terminal would obey or that would show it
/// otherwise than it is: control characters as `^[`, and characters that turn the direction of text (CVE-2021-42574) or
/// are no characters by their number.
package enum VisibleText {
    package static func of(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while let byte = rest.first {
            if byte < 0x80 {
                rest.removeFirst()
                switch byte {
                case 0x09, 0x0A, 0x20...0x7E: result.append(byte)
                default: result += [0x5E, byte ^ 0x40]
                }
            } else if let scalar = scalar(at: rest) {
                let length = UTF8.width(scalar)
                result += isHarmless(scalar) ? Array(rest.prefix(length)) : number("U+", scalar.value)
                rest.removeFirst(length)
            } else {
                rest.removeFirst()
                result += number("", UInt32(byte))
            }
        }
        return result
    }

    /// The character that a well-formed sequence at the beginning is for.
    private static func scalar(at bytes: ArraySlice<UInt8>) -> UnicodeScalar? {
        var decoder = UTF8()
        var iterator = bytes.prefix(4).makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return scalar
    }

    private static func isHarmless(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }

    private static func number(_ prefix: String, _ value: UInt32) -> [UInt8] {
        Array("<\(prefix)\(String(value, radix: 16, uppercase: true))>".utf8)
    }
}
