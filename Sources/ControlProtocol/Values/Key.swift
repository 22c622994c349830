// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A key of a terminal by its name: `enter`, `tab`, `shift-tab`, `escape` (or `esc`), `space`, `backspace`, `up`, `down`,
/// `left`, `right`, `home`, `end`, `insert`, `delete`, `page-up`, `page-down`, `f1` to `f12`; `ctrl-` and a small letter,
/// `space`, `?` or one of `@ [ \ ] ^ _`; `alt-` and a printable ASCII character or another key.
public struct Key: WireText {
    public let text: String
    public let bytes: [UInt8]

    public static var example: JSONValue { "ctrl-c" }

    /// A name of the table, `ctrl-` and a letter or one of `@ [ \ ] ^ _`, or `alt-` and a printable ASCII character or
    /// another key.
    public init(_ text: String) throws(ValueError) {
        guard let bytes = Self.bytes(of: text) else {
            throw ValueError("\(text.quoted) is not a key, such as enter, escape, up, f1, ctrl-c or alt-b")
        }
        self.text = text
        self.bytes = bytes
    }

    private static func bytes(of name: String) -> [UInt8]? {
        if let sequence = table[name] { return Array(sequence.utf8) }
        if name.hasPrefix("ctrl-") {
            let rest = Array(name.utf8.dropFirst(5))
            guard rest.count == 1, let byte = rest.first else { return nil }
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "@")...UInt8(ascii: "_"): return [byte & 0x1F]
            default: return nil
            }
        }
        if name.hasPrefix("alt-") {
            let rest = String(name.dropFirst(4))
            if let byte = rest.utf8.first, rest.utf8.count == 1, (0x21...0x7E).contains(byte) { return [0x1B, byte] }
            guard !rest.hasPrefix("alt-"), let inner = bytes(of: rest) else { return nil }
            return [0x1B] + inner
        }
        return nil
    }

    /// As xterm sends them with the cursor keys in their normal mode.
    private static let table = [
        "enter": "\r", "tab": "\t", "shift-tab": "\u{1B}[Z", "escape": "\u{1B}", "esc": "\u{1B}", "space": " ",
        "backspace": "\u{7F}", "ctrl-space": "\0", "ctrl-?": "\u{7F}",
        "up": "\u{1B}[A", "down": "\u{1B}[B", "right": "\u{1B}[C", "left": "\u{1B}[D",
        "home": "\u{1B}[H", "end": "\u{1B}[F", "insert": "\u{1B}[2~", "delete": "\u{1B}[3~",
        "page-up": "\u{1B}[5~", "page-down": "\u{1B}[6~",
        "f1": "\u{1B}OP", "f2": "\u{1B}OQ", "f3": "\u{1B}OR", "f4": "\u{1B}OS",
        "f5": "\u{1B}[15~", "f6": "\u{1B}[17~", "f7": "\u{1B}[18~", "f8": "\u{1B}[19~",
        "f9": "\u{1B}[20~", "f10": "\u{1B}[21~", "f11": "\u{1B}[23~", "f12": "\u{1B}[24~",
    ]
}
