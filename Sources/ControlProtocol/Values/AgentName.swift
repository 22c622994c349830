// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What people call an agent: 1 to 64 of `a-z A-Z 0-9 . _ -`, starting with a letter or digit, and not of the form of
/// an id, so that a name never hides one.
public struct AgentName: WireText {
    public let text: String

    public static var schema: JSONValue { ["type": "string", "pattern": .string(PlainName.pattern)] }
    public static var example: JSONValue { "fix-tests" }

    public init(_ text: String) throws(ValueError) {
        guard PlainName.isPlain(text) else {
            throw ValueError("\(text.quoted) is not a name: \(PlainName.rule)")
        }
        if (try? AgentID(text)) != nil {
            throw ValueError("\(text.quoted) is not a name, since it looks like an agent id")
        }
        self.text = text
    }
}

/// The form of names that end up in file names and on terminals.
enum PlainName {
    static let rule = "1 to 64 letters, digits, \".\", \"_\" and \"-\", the first a letter or digit"
    /// The same as a regular expression (ECMA 262).
    static let pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

    static func isPlain(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first, isAlphanumeric(first) else {
            return false
        }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
