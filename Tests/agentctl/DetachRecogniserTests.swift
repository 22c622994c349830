// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Testing

@testable import agentctl

private let start = ContinuousClock.now

/// Types pieces at times in milliseconds; says what went to the agent and whether it came to detaching.
private func type(_ pieces: (Int, String)...) -> (forwarded: String, detaches: Bool) {
    var recogniser = DetachRecogniser()
    var forwarded: [UInt8] = []
    for (time, piece) in pieces {
        let outcome = recogniser.type(Array(piece.utf8), at: start + .milliseconds(time))
        forwarded += outcome.forward
        if outcome.detaches { return (String(decoding: forwarded, as: UTF8.self), true) }
    }
    // As the keyboard does when nothing more is typed.
    while let deadline = recogniser.deadline { forwarded += recogniser.expire(at: deadline) }
    return (String(decoding: forwarded, as: UTF8.self), false)
}

@Suite("Detaching")
struct DetachRecogniserTests {
    static let presses = [
        "\u{1D}", "\u{1B}[93;5u", "\u{1B}[93;133u", "\u{1B}[93;69:1u", "\u{1B}[93:125;5;29u", "\u{1B}[27;5;93~",
    ]

    @Test("ctrl-] twice detaches, however the terminal sends it, and also in one read", arguments: presses)
    func twice(press: String) {
        #expect(type((0, "a"), (10, press), (400, press)) == ("a", true))
        #expect(type((0, "a\(press)\(press)never")) == ("a", true))
    }

    @Test("the two presses may be sent differently", arguments: presses)
    func mixed(press: String) {
        #expect(type((0, press), (499, "\u{1D}")) == ("", true))
    }

    @Test("a sequence cut anywhere is recognised", arguments: presses)
    func split(press: String) {
        let bytes = Array(press.utf8)
        for cut in 1..<max(2, bytes.count) {
            let (head, tail) = (
                String(decoding: bytes[..<cut], as: UTF8.self), String(decoding: bytes[cut...], as: UTF8.self)
            )
            #expect(type((0, head), (20, tail), (200, head), (220, tail)) == ("", true), "cut at \(cut)")
        }
        #expect(type((0, "\u{1B}"), (20, "["), (40, "93;5"), (45, "u\u{1B}[9"), (300, "3;5u")) == ("", true))
    }

    @Test("one press goes to the agent after the time is over, and two far apart do", arguments: presses)
    func once(press: String) {
        #expect(type((0, press)) == (press, false))
        #expect(type((0, press), (500, press)) == (press + press, false))
        #expect(type((0, press), (500, press), (900, press)) == (press, true))
    }

    @Test("the deadline is half a second after the press, and only then is it forwarded")
    func deadline() {
        var recogniser = DetachRecogniser()
        #expect(recogniser.type([0x1D], at: start) == .init())
        #expect(recogniser.deadline == start + .milliseconds(500))
        #expect(recogniser.expire(at: start + .milliseconds(499)).isEmpty)
        #expect(recogniser.expire(at: start + .milliseconds(500)) == [0x1D])
        #expect(recogniser.deadline == nil)
    }

    @Test("another key in between is not overtaken", arguments: presses)
    func between(press: String) {
        #expect(type((0, press), (10, "x"), (20, press)) == ("\(press)x\(press)", false))
        #expect(type((0, "\(press)\u{1B}[A\(press)")) == ("\(press)\u{1B}[A\(press)", false))
    }

    @Test("letting go of a key, and modifiers alone, lie between the presses without harm, and are not lost")
    func releases() {
        let press = "\u{1B}[93;5:1u"
        let between = "\u{1B}[93;5:3u\u{1B}[57442;1:3u\u{1B}[57442;5:1u"
        #expect(type((0, press), (100, between), (200, press)) == ("", true))
        #expect(type((0, press), (100, between)) == (press + between, false))
        #expect(type((0, between)) == (between, false))
        #expect(type((0, "\u{1B}[93;5:3u\u{1B}[93;5:3u")).detaches == false)
    }

    @Test(
        "other keys, and ] with other modifiers, pass as they are",
        arguments: [
            "]]", "\u{1B}[93;6u\u{1B}[93;6u", "\u{1B}[93;7u\u{1B}[93;7u", "\u{1B}[93u\u{1B}[93u", "\u{1B}[93;1u",
            "\u{1B}[27;5;91~\u{1B}[27;5;91~", "\u{1B}[27;6;93~\u{1B}[27;6;93~", "\u{1B}[91;5u\u{1B}[91;5u",
            "\u{1B}\u{1D}",
            "\u{1B}[A\u{1B}OP\u{1B}\u{1B}[B", "\u{1B}[<0;10;10M", "é😀", "\u{1B}[;u\u{1B}[u\u{1B}[:;:u",
            "\u{1B}[99999999999999999999;5u",
            "\u{1B}[" + String(repeating: "9", count: 500) + "u",
        ])
    func others(text: String) {
        #expect(type((0, text)) == (text, false))
        let bytes = text.utf8.map { $0 }
        var recogniser = DetachRecogniser()
        var forwarded: [UInt8] = []
        for byte in bytes { forwarded += recogniser.type([byte], at: start).forward }
        while let deadline = recogniser.deadline { forwarded += recogniser.expire(at: deadline) }
        #expect(forwarded == bytes)
    }

    @Test("an ESC typed alone waits a moment only")
    func escape() {
        var recogniser = DetachRecogniser()
        #expect(recogniser.type([0x1B], at: start).forward.isEmpty)
        #expect(recogniser.deadline == start + .milliseconds(50))
        #expect(recogniser.expire(at: start + .milliseconds(50)) == [0x1B])
    }

    @Test("what is pasted does not detach")
    func pasting() {
        let paste = "\u{1B}[200~x\u{1D}\u{1D}\u{1B}[93;5u\u{1B}[93;5u\u{1B}[201~"
        #expect(type((0, paste)) == (paste, false))
        #expect(type((0, paste), (10, "\u{1D}\u{1D}")) == (paste, true))
    }
}
