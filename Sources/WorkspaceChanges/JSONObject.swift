// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux

/// An object of JSON, member by member, in the order given: written as it comes, so that a million changes need not be
/// in memory as text.
package struct JSONObject {
    package private(set) var text = "{"

    package init() {}

    package var closed: String { text + "}" }

    private mutating func key(_ name: String) {
        if text.utf8.count > 1 { text += "," }
        text += JSONObject.string(name) + ":"
    }

    package mutating func set(_ name: String, _ value: String?) {
        guard let value else { return }
        key(name)
        text += JSONObject.string(value)
    }

    package mutating func set(_ name: String, _ value: Int64?) {
        guard let value else { return }
        key(name)
        text += String(value)
    }

    package mutating func set(_ name: String, _ value: Bool) {
        key(name)
        text += value ? "true" : "false"
    }

    /// Bytes as text, and where they are no text also as they are, under the name with `Base64` at its end.
    package mutating func set(_ name: String, bytes: [UInt8]?) {
        guard let bytes else { return }
        set(name, String(decoding: bytes, as: UTF8.self))
        if String(validating: bytes, as: UTF8.self) == nil {
            set(name + "Base64", Data(bytes).base64EncodedString())
        }
    }

    package mutating func set(_ name: String, _ object: JSONObject) {
        key(name)
        text += object.closed
    }

    /// A string literal (RFC 8259). What a terminal would obey is escaped too.
    package static func string(_ value: String) -> String {
        var result = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
