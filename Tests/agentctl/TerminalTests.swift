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
        return String(decoding: modes.reset(), as: UTF8.self)
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

    @Test(
        "however terminals read it, the alternate screen is left",
        arguments: [
            "\u{1B}[?01049h", "\u{1B}[?10\u{8}49h", "\u{1B}[?10\n49h", "\u{1B}\u{8}[?1049h", "\u{9B}?1049h",
            "\u{1B}]0;title\u{9B}?1049h", "\u{1B}[?" + String(repeating: "1;", count: 40) + "1049h",
            "\u{1B}[?" + String(repeating: "0", count: 400) + "1049h", "\u{1B}[?10é49h", "\u{1B}[1;?1049h",
            "\u{1B}[?66585h", "\u{1B}[?1049:1h", "\u{9D}0;x\u{1B}[?1049h", "\u{1B}[?\u{1B}[?1049h",
            "\u{1B}[?1049h\u{1B}[?" + String(repeating: "1;", count: 20) + "1049l",
            "\u{1B}[?1049h\u{1B}[?10\u{18}49l", "\u{1B}[?1049h\u{1B}[?10é49l",
        ])
    func spellings(output: String) {
        #expect(reset(after: output).contains("\u{1B}[?1049l"))
    }

    @Test(
        "however terminals read it, a scroll region and origin mode end, and only what may be them",
        arguments: [
            "\u{1B}[5;1\u{8}0r", "\u{1B}[05;010r", "\u{9B}5;10r", "\u{1B}[?06h", "\u{1B}[5é;10r",
            "\u{1B}[5;10" + String(repeating: ";", count: 300) + "r",
        ])
    func regions(output: String) {
        #expect(reset(after: output).contains("\u{1B}[?6l\u{1B}[r"))
        #expect(!reset(after: "[5;10r\u{1B}[5;10\u{18}r\u{1B}]2;\u{9B}\u{1B}\\").contains("\u{1B}[r"))
    }

    @Test(
        "where terminals differ at first, what the agent has changed is as usual again, and nothing else",
        arguments: [
            ("?8l", "?8h"), ("?12h", "?12l"), ("?45h", "?45l"), ("?1007l", "?1007h"), ("?1034l", "?1034h"),
            ("?1035l", "?1035h"), ("?1036l", "?1036h"), ("?1039h", "?1039l"), ("?1042h", "?1042l"),
            ("?1;012;2004h", "?12l"), ("3g", "?5W"), ("?5W", "?5W"),
        ])
    func usual(set: String, back: String) {
        #expect(reset(after: "\u{1B}[\(set)").contains("\u{1B}[\(back)"))
        #expect(!reset(after: "plain").contains("\u{1B}[\(back)"))
        #expect(back == "?5W" || !reset(after: "\u{1B}[\(set)\u{1B}[\(back)").contains("\u{1B}[\(back)"))
    }

    @Test(
        "the keyboard is free, nothing is echoed twice, no text is protected, and the coding is UTF-8 where it was not")
    func more() {
        for mode in ["2l", "12h", "?9001l", "0\"q"] {
            #expect(reset(after: "plain").contains("\u{1B}[\(mode)"), "\(mode)")
        }
        #expect(reset(after: "\u{1B}%@").contains("\u{1B}%G"))
        #expect(!reset(after: "plain").contains("\u{1B}%G"))
        #expect(reset(after: "\u{1B}[?2l").contains("\u{1B}<"))
        #expect(reset(after: "\u{1B}H").contains("\u{1B}[3g\u{1B}[9G\u{1B}H\u{1B}[17G\u{1B}H"))
        #expect(reset(after: "\u{1B}]" + String(repeating: "0", count: 80) + "11;red\u{7}").contains("\u{1B}]111"))
    }

    @Test("as many titles come back as were put aside")
    func titles() {
        func count(_ output: String) -> Int {
            reset(after: output).split(separator: "\u{1B}[23;0t", omittingEmptySubsequences: false).count - 1
        }
        let saving = String(decoding: ScreenModes.savingTitle, as: UTF8.self)
        #expect(count("\u{1B}]2;x\u{7}") == 0)
        #expect(count("\(saving)\u{1B}]2;x\u{7}") == 1)
        #expect(count("\(saving)\u{1B}[22;2t\u{1B}[22;1t\u{1B}[22t\u{1B}[23;2t") == 2)
        #expect(count("\(saving)\u{1B}[23;0t\u{1B}[23;0t") == 0)
    }

    @Test(
        "what a terminal answers or reports is known",
        arguments: [
            "\u{1B}[6n", "\u{1B}[c", "\u{1B}[>0c", "\u{1B}[18t", "\u{1B}[?1049$p", "\u{1B}[>q", "\u{1B}]10;?\u{7}",
            "\u{1B}P$qm\u{1B}\\", "\u{1B}P+q544e\u{1B}\\", "\u{5}", "\u{1B}[?u", "\u{1B}Z", "\u{9B}6n", "\u{1B}[?1003h",
            "\u{1B}[?1004h",
        ])
    func answers(question: String) {
        var modes = ScreenModes()
        modes.note(ScreenModes.savingTitle + Array("\u{1B}[1;31mplain\u{1B}[2 q\u{1B}]0;t\u{7}\u{1B}[?1003l".utf8))
        #expect(!modes.hasAnswers)
        modes.note(Array(question.utf8))
        #expect(modes.hasAnswers)
    }

    @Test("as many keyboard modes are popped as were pushed")
    func keyboardModes() {
        #expect(!reset(after: "plain").contains("u"))
        #expect(reset(after: "\u{1B}[>1u\u{1B}[>5u").contains("\u{1B}[<2u"))
        #expect(reset(after: "\u{1B}[>1u\u{1B}[>5u\u{1B}[<u").contains("\u{1B}[<1u"))
        #expect(!reset(after: "\u{1B}[>1u\u{1B}[<5u").contains("u"))
        let both = reset(after: "\u{1B}[>1u\u{1B}[?1049h\u{1B}[<u\u{1B}[>1u\u{1B}[>1u")
        #expect(both.contains("\u{1B}[<2u\u{1B}[?1049l\u{1B}[<1u"))
    }
}
