// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Testing

@testable import agentctl

private func filter(_ pieces: [UInt8]...) -> String {
    var filter = TerminalFilter()
    return String(decoding: pieces.flatMap { filter.filter($0) }, as: UTF8.self)
}

private func bytewise(_ text: [UInt8]) -> String {
    var filter = TerminalFilter()
    return String(decoding: text.flatMap { filter.filter([$0]) }, as: UTF8.self)
}

@Suite("Output on a terminal")
struct TerminalFilterTests {
    @Test(
        "text, line ends and colours pass",
        arguments: [
            "plain\r\n\ttext", "é€😀 ÿ©", "\u{1B}[1;31mred\u{1B}[0m\u{1B}[m", "\u{1B}[38:2:1:2:3m", "\u{1B}[38;5;12m",
        ])
    func passes(text: String) {
        #expect(filter(Array(text.utf8)) == text)
        #expect(bytewise(Array(text.utf8)) == text)
    }

    @Test(
        "what moves, switches, names or asks does not, cut anywhere",
        arguments: [
            "\u{1B}[2J", "\u{1B}[10;10H", "\u{1B}[?1049h", "\u{1B}[6n", "\u{1B}[c", "\u{1B}]0;title\u{7}", "\u{1B}c",
            "\u{1B}]52;c;aGk=\u{1B}\\", "\u{1B}P+q544e\u{1B}\\", "\u{1B}(0", "\u{1B}_x\u{1B}\\", "\u{1B}^x\u{1B}\\",
            "\u{8}", "\u{7}",
            "\u{9B}2J", "\u{9D}0;t\u{7}", "\u{90}x\u{1B}\\", "\u{85}", "\u{1B}[>4;1m", "\u{1B}[?1m", "\u{1B}[1$m",
            "\u{1B}\u{1B}[2J",
            "\u{1B}]0;\u{1B}\u{1B}\\", "\u{1B}[1\u{1B}[2J", "\u{1B}[" + String(repeating: "1;", count: 300) + "m", "\0",
            "\u{7F}",
            "\u{1B}[2\u{18}",
        ])
    func removes(text: String) {
        #expect(filter(Array("a\(text)b".utf8)) == "ab")
        #expect(bytewise(Array("a\(text)b".utf8)) == "ab")
    }

    @Test("a byte that would be C1 to an 8-bit terminal hides nothing and stays only within a character")
    func eightBit() {
        #expect(filter([0x61, 0x9B, 0x32, 0x4A, 0x62]) == "a\u{FFFD}2Jb")
        #expect(filter(Array("one\n".utf8) + [0x9D] + Array("two\nthree\n".utf8)) == "one\n\u{FFFD}two\nthree\n")
        // U+06DB ends with the byte 0x9B.
        #expect(filter(Array("ۛ".utf8) + [0x62]) == "ۛb")
    }

    @Test(
        "what turns the direction of text around is replaced, cut anywhere",
        arguments: [
            "\u{202A}", "\u{202E}", "\u{2066}", "\u{2069}", "\u{200E}", "\u{200F}", "\u{61C}", "\u{2028}",
        ])
    func direction(mark: String) {
        #expect(filter(Array("a\(mark)é\u{200D}".utf8)) == "a\u{FFFD}é\u{200D}")
        #expect(bytewise(Array("a\(mark)é\u{200D}".utf8)) == "a\u{FFFD}é\u{200D}")
        // Nor is it put together of what a sequence between its bytes has left.
        let bytes = Array(mark.utf8)
        #expect(!filter([bytes[0]] + Array("\u{1B}[2J".utf8) + bytes.dropFirst()).contains(mark))
    }

    @Test("what is no UTF-8 is replaced, and the end of what is not whole comes with the end")
    func invalid() {
        #expect(filter([0x61, 0xE2, 0x9B, 0x32, 0x4A, 0xC0, 0x9B, 0x62]).hasPrefix("a\u{FFFD}2J\u{FFFD}"))
        var filter = TerminalFilter()
        #expect(filter.filter([0x61, 0xE2, 0x82]) == [0x61])
        #expect(filter.finish() == Array("\u{FFFD}".utf8))
    }

    @Test("colours left on are taken back at the end, and only those")
    func finish() {
        var filter = TerminalFilter()
        _ = filter.filter(Array("\u{1B}[31mred".utf8))
        #expect(filter.finish() == Array("\u{1B}[0m".utf8))
        #expect(filter.finish().isEmpty)
        _ = filter.filter(Array("\u{1B}[31mred\u{1B}[0m".utf8))
        #expect(filter.finish().isEmpty)
    }
}

@Suite("Files on a terminal")
struct VisibleTextTests {
    @Test("text stays, and what a terminal would obey is shown")
    func visible() {
        #expect(PlainText.visible("a\tb\r\né😀\n") == "a\tb^M\né😀\n")
        #expect(PlainText.visible("x\r\u{1B}[8my\u{7F}\0") == "x^M^[[8my^?^@")
        #expect(PlainText.visible("\u{9B}2J \u{202E} \u{2028}") == "<U+009B>2J <U+202E> <U+2028>")
        #expect(PlainText.visible("") == "")
    }
}

@Suite("Giving the terminal back")
struct ScreenModesTests {
    private func reset(after output: String) -> String {
        var modes = ScreenModes()
        for byte in output.utf8 { modes.note([byte]) }
        var whole = ScreenModes()
        whole.note(Array(output.utf8))
        #expect(whole == modes)
        return String(decoding: modes.reset, as: UTF8.self)
    }

    @Test("whatever was shown, mouse, paste and focus reports go off, and the cursor comes back")
    func always() {
        for mode in [
            "?1000l", "?1002l", "?1003l", "?1006l", "?2004l", "?1004l", "?25h", "?1l", "0m", ">0m", ">4m", ">7m",
        ] {
            #expect(reset(after: "plain").contains("\u{1B}[\(mode)"), "\(mode)")
        }
    }

    @Test(
        "colours that were given other values get their own back, and only then",
        arguments: ["4;1;#fff", "11;#000", "19;red"])
    func colours(command: String) {
        for end in ["\u{7}", "\u{1B}\\"] {
            let text = reset(after: "\u{1B}]\(command)\(end)plain")
            for number in [104] + Array(110...119) { #expect(text.contains("\u{1B}]\(number)\u{1B}\\"), "\(number)") }
        }
        #expect(!reset(after: "\u{1B}]2;4;\u{7}\u{1B}]104;1\u{7}\u{1B}]110\u{7}11;x").contains("]11"))
        #expect(!reset(after: "\u{1B}]11;?\u{7}\u{1B}]4;1;?\u{1B}\\").contains("]11"))
    }

    @Test(
        "a link, and a string without end, end before what the shell writes", arguments: ["]0;title", "Pq", "[12", ""])
    func strings(beginning: String) {
        let text = reset(after: beginning.isEmpty ? "" : "\u{1B}\(beginning)")
        #expect(text.hasPrefix("\u{18}\u{1B}\\") && text.contains("\u{1B}]8;;\u{1B}\\"))
    }

    @Test("the alternate screen is left when it was entered, and only then")
    func alternateScreen() {
        #expect(!reset(after: "plain").contains("?1049l"))
        #expect(reset(after: "\u{1B}[?1049h").contains("?1049l"))
        #expect(reset(after: "\u{1B}[?25l\u{1B}[?1;1049;2004h").contains("?1049l"))
        #expect(reset(after: "\u{1B}[?47h").contains("?1049l"))
        #expect(!reset(after: "\u{1B}[?1049h\u{1B}[?1049l").contains("?1049l"))
        #expect(!reset(after: "\u{1B}[1049h [?1049h").contains("?1049l"))
    }

    @Test("as many keyboard modes are popped as were pushed")
    func keyboardModes() {
        #expect(!reset(after: "plain").contains("u"))
        #expect(reset(after: "\u{1B}[>1u\u{1B}[>5u").contains("\u{1B}[<2u"))
        #expect(reset(after: "\u{1B}[>1u\u{1B}[>5u\u{1B}[<u").contains("\u{1B}[<1u"))
        #expect(!reset(after: "\u{1B}[>1u\u{1B}[<5u").contains("u"))
    }
}
