// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ScreenProtocol
import Testing

@testable import TerminalScreen

@Suite struct TerminalTests {
    private func terminal(_ columns: UInt16 = 10, _ rows: UInt16 = 4, _ stream: String = "") -> Terminal {
        let terminal = Terminal(size: ScreenSize(columns: columns, rows: rows)!)
        terminal.feed(stream.utf8)
        return terminal
    }

    @Test(
        "lines are what a terminal shows",
        arguments: [
            ("one\r\ntwo", ["one", "two"]), ("0123456789ab", ["0123456789", "ab"]),
            ("012345678中x", ["012345678", "中x"]), ("e\u{301}\u{302}x", ["e\u{301}\u{302}x"]),
            ("中\u{8}x", [" x"]), ("中\rx", ["x"]), ("a\tb", ["a       b"]), ("abcdef\u{1B}[3D\u{1B}[2Px", ["abcx"]),
            ("abc\u{1B}[2D\u{1B}[@-", ["a-bc"]), ("ab\u{1B}[4bc", ["abbbbbc"]), ("\u{1B}(0lqk\u{1B}(Bq", ["┌─┐q"]),
            ("\u{E}\u{1B})0q\u{F}q", ["─q"]), ("a\u{1B}[2;3Hb\u{1B}[Ac", ["a  c", "  b"]), ("abc\u{1B}[1K", [""]),
            ("1\r\n2\r\n3\r\n4\r\n5", ["2", "3", "4", "5"]),
            ("1\r\n2\r\n3\u{1B}[1;2r\u{1B}[2;1H\n\nx", ["", "x", "3"]),
            ("1\r\n2\u{1B}[H\u{1B}[Lx", ["x", "1", "2"]), ("\u{1B}[4hab\rX", ["Xab"]),
            ("0123456789\u{1B}[?7l\u{1B}[1;9Habc", ["01234567ac"]),
            ("x\u{1B}[?1049hy", [" y"]), ("x\u{1B}[?1049hy\u{1B}[?1049lz", ["xz"]),
            ("\u{9B}31mx", ["31mx"]), ("\u{1B}[1\"qab\u{1B}[0\"qc\r\u{1B}[?2K", ["ab"]),
            ("a\u{1B}#8\u{1B}[2;2H\u{1B}[J", ["EEEEEEEEEE", "E"]),
        ])
    func lines(stream: String, lines: [String]) {
        let shown = terminal(10, 4, stream).description.lines
        #expect(shown == lines + Array(repeating: "", count: 4 - lines.count))
    }

    @Test("modes, titles and the cursor are told as they are")
    func modes() {
        let terminal = terminal()
        terminal.feed(
            "\u{1B}[?1;5;6;25;1002;1004;1006;2004;2026h\u{1B}[?25l\u{1B}=\u{1B}[>5u\u{1B}[>4;2m\u{1B}[5 q\u{1B}]2;a title\u{7}\u{1B}]1;icon\u{1B}\\"
                .utf8)
        let shown = terminal.description
        #expect(shown.title == "a title" && shown.iconTitle == "icon")
        #expect(!shown.cursor.visible && shown.cursor.shape == .bar && shown.cursor.blinking)
        #expect(shown.modes.applicationCursorKeys && shown.modes.applicationKeypad && shown.modes.bracketedPaste)
        #expect(shown.modes.focusReporting && shown.modes.origin && shown.modes.reverseVideo)
        #expect(shown.modes.synchronizedOutput && shown.modes.mouse == .drag && shown.modes.mouseEncoding == .sgr)
        #expect(shown.modes.keyboardFlags == 5 && shown.modes.modifyOtherKeys == 2)
        terminal.feed("\u{1B}c".utf8)
        #expect(terminal.description.modes == ScreenDescription.Modes())
    }

    @Test("each screen has keyboard flags of its own, and a title that was put aside comes back")
    func stacks() {
        let terminal = terminal(
            10, 4, "\u{1B}[>1u\u{1B}]2;first\u{7}\u{1B}[22;2t\u{1B}]2;second\u{7}\u{1B}[?1049h\u{1B}[>3u")
        #expect(terminal.description.modes.keyboardFlags == 3)
        terminal.feed("\u{1B}[?1049l\u{1B}[23;2t".utf8)
        #expect(terminal.description.modes.keyboardFlags == 1 && terminal.description.title == "first")
    }

    @Test("of a screen that gets fewer rows the cursor's line stays, and with more rows what had scrolled off is back")
    func resize() {
        let terminal = terminal(10, 4, "1\r\n2\r\n3\r\n4\r\n5")
        terminal.resize(ScreenSize(columns: 10, rows: 2)!)
        #expect(terminal.description.lines == ["4", "5"] && terminal.description.history == 3)
        terminal.resize(ScreenSize(columns: 20, rows: 6)!)
        #expect(terminal.description.lines == ["1", "2", "3", "4", "5", ""] && terminal.description.cursor.row == 4)
        terminal.feed("!".utf8)
        #expect(terminal.description.lines[4] == "5!")
    }

    @Test("what is below the alternate screen changes its size with it")
    func resizeBelow() {
        let terminal = terminal(10, 4, "0123456789\r\nmain\u{1B}[?1049halternate")
        terminal.resize(ScreenSize(columns: 5, rows: 3)!)
        #expect(terminal.description.lines == ["", "    a", "ate"])
        terminal.feed("\u{1B}[?1049l!".utf8)
        #expect(terminal.description.lines == ["01234", "main!", ""])
    }

    @Test("no question of the agent's is answered, and none changes what shows")
    func questions() {
        let terminal = terminal(10, 4, "x")
        let before = terminal.description
        terminal.feed(
            "\u{1B}[c\u{1B}[>c\u{1B}[6n\u{1B}[?6n\u{1B}[?u\u{1B}P$qm\u{1B}\\\u{1B}]11;?\u{7}\u{1B}[18t\u{5}".utf8)
        #expect(terminal.description == before)
    }

    @Test("titles hold no control characters and have an end")
    func titles() {
        let terminal = terminal(10, 4, "\u{1B}]2;a\u{9B}31m" + String(repeating: "é", count: 2000) + "\u{7}")
        let title = terminal.description.title ?? ""
        #expect(title.hasPrefix("a31mé") && title.utf8.count <= 1030)
    }

    @Test(
        "a snapshot of the largest and most colourful screen goes without its colours, and not without text and modes")
    func bounded() throws {
        let terminal = Terminal(size: ScreenSize(columns: 1000, rows: 300)!)
        terminal.feed(Array("\u{1B}[?2004h".utf8))
        for row in 0..<300 {
            let cells = (0..<1000).map { "\u{1B}[38;2;\($0 % 250);\(row % 250);9mx" }.joined()
            terminal.feed(Array("\u{1B}[\(row + 1)H\(cells)".utf8))
        }
        let snapshot = terminal.snapshot(history: 500)
        #expect(snapshot.count <= Terminal.snapshotLength)
        let copy = Terminal(size: ScreenSize(columns: 1000, rows: 300)!)
        copy.feed(snapshot)
        #expect(copy.description == terminal.description)
    }

    @Test("a screen of colours alone without them is a run for each line")
    func bare() throws {
        let size = ScreenSize(columns: 1000, rows: 300)!
        let terminal = Terminal(size: size)
        for row in 0..<300 {
            let cells = (0..<999).map { "\u{1B}[48;2;\($0 % 250);\(row % 250);9m\u{1B}[X\u{1B}[C" }.joined()
            terminal.feed(Array("\u{1B}[\(row + 1)H\(cells)x".utf8))
        }
        let snapshot = terminal.snapshot(history: 0)
        #expect(snapshot.count < 20_000)
        let copy = Terminal(size: size)
        copy.feed(snapshot)
        #expect(copy.description == terminal.description)
    }

    @Test("a snapshot sets no mode that is not known to be harmless, whatever the agent has set")
    func unknownModes() {
        let terminal = terminal()
        for mode in 0..<10_000 where ![47, 1047, 1048, 1049].contains(mode) { terminal.feed("\u{1B}[?\(mode)h".utf8) }
        let snapshot = String(decoding: terminal.snapshot(history: 0), as: UTF8.self)
        let set = snapshot.split(separator: "\u{1B}[?").compactMap { part in
            part.firstIndex(of: "h").flatMap { Int(part[..<$0]) }
        }
        let known: Set = [
            1, 5, 6, 7, 8, 12, 25, 45, 69, 1003, 1004, 1007, 1016, 1034, 1035, 1036, 1037, 1039, 1042, 2004, 2026, 2027,
            2031, 2048,
        ]
        #expect(Set(set) == known)
    }

    @Test(
        "a link is kept if it is printable ASCII, and else is none",
        arguments: [
            ("id=1;http://host/a;b?c=%C3%A9", true), (";http://host/é", false), ("id=é;http://host/", false),
            (";http://host/\u{7F}", false), (";http://host/\u{9C}\u{9B}2J", false),
        ])
    func links(link: String, isKept: Bool) {
        let terminal = terminal(10, 4, "\u{1B}]8;;http://before/\u{7}a\u{1B}]8;\(link)\u{7}b\u{1B}]8;;\u{7}")
        let snapshot = String(decoding: terminal.snapshot(history: 0), as: UTF8.self)
        #expect(snapshot.contains("\u{1B}]8;;http://before/\u{1B}\\a"))
        #expect(snapshot.contains("\u{1B}]8;\(link)\u{1B}\\b") == isKept)
        #expect(isKept || snapshot.contains("\u{1B}]8;;\u{1B}\\b"))
    }

    @Test("a snapshot gives all colours and all of XTMODKEYS back that it does not set")
    func resets() {
        let commands = (10...19).map { "\u{1B}]\($0);red\u{7}" } + (0...255).map { "\u{1B}]4;\($0);red\u{7}" }
        let resources = (0...7).map { "\u{1B}[>\($0);2m" }
        let (changed, plain) = (terminal(10, 4, (commands + resources).joined()), terminal())
        changed.feed(plain.snapshot(history: 0))
        #expect(changed.snapshot(history: 0) == plain.snapshot(history: 0))
    }

    @Test("lines that scroll off are kept, and stand before the screen in a snapshot that asks for them")
    func history() {
        let terminal = terminal(10, 2, (1...600).map { "\($0)" }.joined(separator: "\r\n"))
        #expect(terminal.description.history == 500)
        let copy = self.terminal(10, 2)
        copy.feed(terminal.snapshot(history: 100))
        #expect(copy.description.history == 100 && copy.description.lines == terminal.description.lines)
        copy.resize(ScreenSize(columns: 10, rows: 4)!)
        #expect(copy.description.lines == ["597", "598", "599", "600"])
        terminal.feed("\u{1B}[3J".utf8)
        #expect(terminal.description.history == 0)
    }
}
