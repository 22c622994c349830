// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The name of a profile or launcher, which is that of its file without `.yaml`: 1 to 64 of `a-z 0-9 . _ -`, first a
/// letter or digit. So no name leads out of the directories in which they are looked for.
public struct ConfigurationName: WireText {
    public let text: String

    public static var schema: JSONValue { ["type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,63}$"] }
    public static var example: JSONValue { "codex" }

    public init(_ text: String) throws(ValueError) {
        func isFirst(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard let first = text.utf8.first, isFirst(first), text.utf8.count <= 64,
            text.utf8.allSatisfy({ isFirst($0) || "._-".utf8.contains($0) })
        else {
            throw ValueError(
                "\(text.quoted) is not the name of a profile or launcher: 1 to 64 of a-z, 0-9, \".\", \"_\" and \"-\", "
                    + "the first a letter or digit")
        }
        self.text = text
    }
}
