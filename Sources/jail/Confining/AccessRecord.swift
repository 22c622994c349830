// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What was asked for in a jail, as often as one program did so.
struct AccessRecord: Codable {
    var use: Use
    /// A path or an address, and as in /proc/PID/comm who asked: the agent's choice, and so untrusted.
    var name = EscapedText([])
    var process = EscapedText([])
    var count: UInt64 = 1
    /// For a path, whether there was something in the jail when it was last asked for.
    var isThere: Bool?

    enum Use: String, Codable {
        case read, write, execute, look, connect, bind, send
        /// What could not be looked at, and what there was no room for.
        case unseen
    }

    struct Key: Hashable {
        var use: Use
        var name: EscapedText
        var process: EscapedText
    }

    var key: Key { Key(use: use, name: name, process: process) }
}

/// Bytes as ASCII of which none needs an escape in JSON: text of any other kind would be compared by what Unicode takes
/// for equal, and an agent can choose one for which that takes seconds.
struct EscapedText: Codable, Hashable, Comparable {
    private let text: String

    init(_ bytes: some Sequence<UInt8>) {
        var escaped: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in bytes {
            if 0x20..<0x7F ~= byte, ![UInt8(ascii: "%"), UInt8(ascii: "\""), UInt8(ascii: "\\")].contains(byte) {
                escaped.append(byte)
            } else {
                escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        text = String(decoding: escaped, as: UTF8.self)
    }

    init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    var size: Int { text.utf8.count }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    static func < (one: EscapedText, other: EscapedText) -> Bool { one.text < other.text }
}
