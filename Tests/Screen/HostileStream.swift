// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Numbers that are the same for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// What an agent could write that means harm, or was broken on the way: every sequence that terminals know with every
/// kind of number, sequences cut off, strings without end, characters of all widths, and no characters at all.
struct HostileStream {
    var random: Seeded
    let columns: Int
    let rows: Int

    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += piece() }
        return bytes
    }

    private mutating func piece() -> [UInt8] {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5: return text()
        case 5: return [UInt8.random(in: 0..<0x20, using: &random)]
        case 6: return [[0x0A, 0x0D, 0x08, 0x09].randomElement(using: &random)!]
        case 7..<13: return control()
        case 13: return mode()
        case 14: return attributes()
        case 15: return escape()
        case 16: return string()
        case 17: return Array(repeating: UInt8.random(in: 0...255, using: &random), count: 3)
        case 18: return (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }
        default:
            var cut = control()
            cut.removeLast()
            return cut
        }
    }

    private mutating func text() -> [UInt8] {
        let characters = [
            "a", "Z", " ", "q", "x", "é", "e\u{301}", "中", "文", "한", "👍", "👨\u{200D}👩", "\u{301}", "\u{FE0F}", "❤", "│",
            "\u{A0}",
            "\u{85}", "\u{2028}", "\u{1160}", "\u{0BCD}", "\u{202E}",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 1...(2 * columns), using: &random) {
            text += Bool.random(using: &random) ? "t" : characters.randomElement(using: &random)!
        }
        return Array(text.utf8)
    }

    private mutating func number() -> String {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: ""
        case 1: "0"
        case 2: "65535"
        case 3: "99999999999999999999"
        case 4: "\(Int.random(in: 0...300, using: &random))"
        default: "\(Int.random(in: 1...max(columns, rows) + 1, using: &random))"
        }
    }

    private mutating func control() -> [UInt8] {
        let leader =
            Int.random(in: 0..<8, using: &random) == 0 ? ["?", ">", "<", "="].randomElement(using: &random)! : ""
        let count = Int.random(in: 0..<30, using: &random) == 0 ? 40 : Int.random(in: 0...3, using: &random)
        let numbers = (0..<count).map { _ in number() }.joined(separator: Bool.random(using: &random) ? ";" : ":")
        let between =
            Int.random(in: 0..<8, using: &random) == 0 ? ["!", " ", "\"", "'", "$"].randomElement(using: &random)! : ""
        let finals = "@ABCDEFGHIJKLMPSTXZ`abcdefghilmnpqrstuxz{|}~"
        // Most of them, so that there is something to be seen.
        let final =
            Int.random(in: 0..<3, using: &random) == 0
            ? finals.randomElement(using: &random)! : "HABCDrLMPS@".randomElement(using: &random)!
        return Array("\u{1B}[\(leader)\(numbers)\(between)\(final)".utf8)
    }

    private mutating func mode() -> [UInt8] {
        let modes = [
            1, 2, 3, 4, 5, 6, 7, 12, 20, 25, 38, 45, 46, 47, 66, 69, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007,
            1015, 1047, 1048,
            1049, 2004, 2026, 2031, 4711,
        ]
        let chosen = (0..<Int.random(in: 1...3, using: &random)).map { _ in "\(modes.randomElement(using: &random)!)" }
        return Array(
            "\u{1B}[\(Bool.random(using: &random) ? "?" : "")\(chosen.joined(separator: ";"))\("hl".randomElement(using: &random)!)"
                .utf8)
    }

    private mutating func attributes() -> [UInt8] {
        let all = [
            "0", "1", "2", "3", "4", "4:3", "5", "7", "8", "9", "21", "31", "42", "97", "104", "38;5;200", "48;2;1;2;3",
            "38:2::9:8:7", "38:5:300", "58:2::1:2:3", "58;5;3", "59", "48;5", "38;2;1", "53", "22", "27", "49", "39",
        ]
        let chosen = (0..<Int.random(in: 1...4, using: &random)).map { _ in all.randomElement(using: &random)! }
        return Array("\u{1B}[\(chosen.joined(separator: ";"))m".utf8)
    }

    private mutating func escape() -> [UInt8] {
        let all = [
            "7", "8", "D", "E", "M", "H", "=", ">", "c", "n", "o", "N", "O", "#8", "(0", ")0", "(B", "*A", "+0", "%G",
            " F", "#6",
        ]
        return Array("\u{1B}\(all.randomElement(using: &random)!)".utf8)
    }

    private mutating func string() -> [UInt8] {
        let beginning = [
            "]0;", "]2;", "]8;;", "]8;id=1;", "]4;1;", "]10;", "]17;", "]104", "]117", "]52;c;", "P", "_G", "^", "X",
            "]",
        ]
        .randomElement(using: &random)!
        let length = [0, 3, 20, 400, 9000].randomElement(using: &random)!
        let content = String(repeating: ["t", "é", "#fff;", ";"].randomElement(using: &random)!, count: length)
        let end = ["\u{7}", "\u{1B}\\", "\u{18}", "\u{1B}[m", ""].randomElement(using: &random)!
        return Array("\u{1B}\(beginning)\(content)\(end)".utf8)
    }
}
