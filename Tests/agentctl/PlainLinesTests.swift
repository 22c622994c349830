// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

@testable import agentctl

private let time = Timestamp(nanoseconds: 0)

private func plain(_ text: String) -> String { plain(Array(text.utf8)) }

/// The same whole and cut between all bytes, or the test has failed.
private func plain(_ bytes: [UInt8]) -> String {
    var whole = PlainLines()
    let result = whole.filter(bytes, at: time) + whole.finish()
    var cut = PlainLines()
    let pieces = bytes.flatMap { cut.filter([$0], at: time) } + cut.finish()
    #expect(pieces == result)
    return String(decoding: result, as: UTF8.self)
}

@Suite("Plain output")
struct PlainLinesTests {
    @Test(
        "no control sequence stays, cut anywhere, and the text around it does",
        arguments: [
            "\u{1B}[2J", "\u{1B}[10;10H", "\u{1B}[1;31m", "\u{1B}[38:2:1:2:3m", "\u{1B}[?1049h", "\u{1B}[>4;1m",
            "\u{1B}]0;title\u{7}", "\u{1B}]8;;http://x\u{1B}\\", "\u{1B}]0;title\u{9C}", "\u{9D}0;t\u{9C}",
            "\u{1B}]0;\u{672C}\u{65DC}\u{7}",
            "\u{1B}P+q544e\u{1B}\\", "\u{1B}_x\u{1B}\\", "\u{1B}^x\u{1B}\\", "\u{1B}Xx\u{1B}\\", "\u{90}x\u{9C}",
            "\u{1B}(0", "\u{1B}(B", "\u{1B})0", "\u{1B}#8", "\u{1B}c", "\u{1B}7", "\u{1B}=", "\u{85}", "\u{9B}2J",
            "\u{7}", "\0", "\u{E}", "\u{F}", "\u{7F}", "\u{1B}[2\u{18}", "\u{1B}[\u{1B}[2J", "\u{1B}\u{1B}[2J",
        ])
    func strips(sequence: String) {
        #expect(plain("a\(sequence)é\n") == "aé\n")
        #expect(plain("本\(sequence)😀") == "本😀")
    }

    @Test(
        "a line is as it was in the end",
        arguments: [
            ("one\r\ntwo\r\n", "one\ntwo\n"), ("one\r\r\ntwo", "one\ntwo"), ("\n\n", "\n\n"),
            ("10%\r50%\r100%\r\ndone\r\n", "100%\ndone\n"), ("long line\rshort\n", "short\n"), ("kept\r", "kept"),
            ("a\r\u{1B}[K\n", "\n"), ("a\u{1B}[Kb\n", "ab\n"), ("a\u{1B}[2Kb\n", "b\n"), ("a\r\u{1B}[31mb\n", "b\n"),
            ("abd\u{8}c\n", "abc\n"), ("x\u{8}x_\u{8}y\n", "xy\n"), ("a\u{8}\u{8}\u{8}b\n", "b\n"),
            ("aé\u{8}b", "ab"), ("ae\u{301}\u{8}b", "ab"), ("a😀\u{8} \u{8}", "a"), ("\ta\tb\n", "\ta\tb\n"),
            ("a\u{B}b\u{C}c", "a\nb\nc"),
        ])
    func lines(output: String, expected: String) {
        #expect(plain(output) == expected)
    }

    @Test("what is no UTF-8 becomes U+FFFD")
    func invalid() {
        #expect(plain([0x61, 0xFF, 0x62, 0xE2, 0x82, 0x0A, 0xC3]) == "a\u{FFFD}b\u{FFFD}\n\u{FFFD}")
    }

    @Test("an endless line is passed on whole, in pieces that split no character, and takes no more memory")
    func endless() {
        let text = String(repeating: "本", count: 200_000)
        var lines = PlainLines()
        var shown: [UInt8] = []
        for piece in Array(text.utf8).chunked(1000) {
            let more = lines.filter(piece, at: time)
            #expect(String(validating: more, as: UTF8.self) != nil)
            shown += more
        }
        #expect(shown.count > 600_000 - PlainLines.mostBytes)
        #expect(String(decoding: shown + lines.finish(), as: UTF8.self) == text)
        // What is out cannot be taken back: its new version has a line of its own.
        var again = PlainLines()
        let out = String(decoding: again.filter(Array(text.utf8), at: time), as: UTF8.self)
        #expect(plain("\(text)\rnew\n") == "\(out)\nnew\n")
    }

    @Test("an endless sequence is swallowed, and takes no memory")
    func endlessSequence() {
        var lines = PlainLines()
        #expect(lines.filter(Array("\u{1B}[".utf8) + [UInt8](repeating: 0x31, count: 1 << 20), at: time).isEmpty)
        #expect(lines.filter(Array("mtext\n".utf8), at: time) == Array("text\n".utf8))
        #expect(lines.filter(Array("\u{1B}]".utf8) + [UInt8](repeating: 0x31, count: 1 << 20), at: time).isEmpty)
        #expect(lines.filter(Array("\u{7}text\n".utf8), at: time) == Array("text\n".utf8))
    }

    @Test("each line begins with the time of the first byte of it that stays")
    func times() {
        func at(_ second: Int64) -> Timestamp { Timestamp(nanoseconds: second * 1_000_000_000) }
        var lines = PlainLines(isTimed: true)
        var shown: [UInt8] = []
        for (text, second) in [
            ("a", 1), ("b\n", 2), ("\n", 3), ("old", 4), ("\rnew", 5), ("\r\n\u{1B}[1m", 6), ("x", 7),
        ]
            as [(String, Int64)]
        {
            shown += lines.filter(Array(text.utf8), at: at(second))
        }
        shown += lines.finish()
        let expected = "\(at(1)) ab\n\(at(3)) \n\(at(5)) new\n\(at(7)) x"
        #expect(String(decoding: shown, as: UTF8.self) == expected)
        var times = LineTimes()
        let raw = times.add(to: Array("a".utf8), at: at(1)) + times.add(to: Array("b\r\n\nc".utf8), at: at(2))
        #expect(String(decoding: raw, as: UTF8.self) == "\(at(1)) ab\r\n\(at(2)) \n\(at(2)) c")
    }

    @Test("random bytes, however cut, are plain lines of UTF-8")
    func noise() {
        let alphabet: [UInt8] = [
            0x1B, 0x5B, 0x5D, 0x50, 0x5C, 0x07, 0x08, 0x09, 0x0A, 0x0D, 0x18, 0x31, 0x3B, 0x4B, 0x6D, 0x61, 0x7F, 0x9B,
            0x9C, 0xC2, 0xC3, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0xFF,
        ]
        for _ in 0..<500 {
            let bytes = (0..<200).map { _ in alphabet.randomElement() ?? 0 }
            for scalar in plain(bytes).unicodeScalars where scalar.properties.generalCategory == .control {
                #expect(["\n", "\t"].contains(scalar), "\(bytes)")
            }
        }
    }
}

extension [UInt8] {
    fileprivate func chunked(_ count: Int) -> [[UInt8]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}
