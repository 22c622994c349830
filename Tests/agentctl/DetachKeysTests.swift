// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Testing

@testable import agentctl

@Suite("Keys that detach")
struct DetachKeysTests {
    private func type(_ keys: String, _ pieces: String...) throws -> (forwarded: String, detaches: Bool) {
        var recogniser = DetachRecogniser(try DetachKeys(keys))
        let now = ContinuousClock.now
        var forwarded: [UInt8] = []
        for piece in pieces {
            let outcome = recogniser.type(Array(piece.utf8), at: now)
            forwarded += outcome.forward
            if outcome.detaches { return (String(decoding: forwarded, as: UTF8.self), true) }
        }
        while let deadline = recogniser.deadline { forwarded += recogniser.expire(at: deadline) }
        return (String(decoding: forwarded, as: UTF8.self), false)
    }

    @Test("are any that one names, also characters, also one alone, in whatever way the terminal sends them")
    func named() throws {
        #expect(try type("ctrl-p,ctrl-q", "x\u{10}\u{11}") == ("x", true))
        #expect(try type("ctrl-p,ctrl-q", "\u{1B}[112;5u\u{1B}[27;5;113~") == ("", true))
        #expect(try type("Ctrl-A,d", "\u{1}d") == ("", true))
        #expect(try type("ctrl-a,d", "\u{1B}[97;5u", "\u{1B}[100u") == ("", true))
        #expect(try type("ctrl-\\", "x\u{1C}y") == ("x", true))
        #expect(try type("~,~,.", "~~.") == ("", true))
    }

    @Test(
        "that take shift are recognised however a terminal tells of it",
        arguments: [
            ("ctrl-_", "\u{1B}[95;5u"), ("ctrl-_", "\u{1B}[95;6u"), ("ctrl-_", "\u{1B}[27;6;95~"),
            ("ctrl-_", "\u{1B}[45;6u"), ("ctrl-_", "\u{1B}[45:95;6u"), ("ctrl-_", "\u{1B}[45:95;134:1u"),
            ("ctrl-^", "\u{1B}[94;5u"), ("ctrl-^", "\u{1B}[27;6;94~"), ("ctrl-^", "\u{1B}[54;6u"),
            ("ctrl-^", "\u{1B}[54:94;6:1u"), ("ctrl-\\", "\u{1B}[92;5u"), ("ctrl-\\", "\u{1B}[27;5;92~"),
            ("ctrl-\\", "\u{1B}[55:92;6u"), ("ctrl-]", "\u{1B}[93;5u"),
        ])
    func shifted(keys: String, press: String) throws {
        #expect(try type(keys, "x", press) == ("x", true))
        #expect(try type("\(keys),\(keys)", press, press) == ("", true))
    }

    @Test(
        "are not taken for others of the same key",
        arguments: [
            ("ctrl-_", "\u{1B}[45;5u"), ("ctrl-_", "\u{1B}[45:61;6u"), ("ctrl-^", "\u{1B}[54;5u"),
            ("ctrl-^", "\u{1B}[54:38;6u"), ("ctrl-^", "\u{1B}[54;8u"), ("ctrl-\\", "\u{1B}[92;6u"),
            ("ctrl-]", "\u{1B}[93:125;6u"), ("ctrl-a", "\u{1B}[97:65;6u"), ("ctrl-_", "\u{1B}[45:99999;6u"),
        ])
    func notShifted(keys: String, press: String) throws {
        #expect(try type(keys, press) == (press, false))
    }

    @Test("pressed in another order they go to the agent, none lost or overtaken")
    func others() throws {
        #expect(try type("ctrl-p,ctrl-q", "\u{10}x\u{11}") == ("\u{10}x\u{11}", false))
        #expect(try type("ctrl-p,ctrl-q", "\u{11}\u{10}") == ("\u{11}\u{10}", false))
        #expect(try type("ctrl-p,ctrl-q", "\u{10}\u{10}\u{11}") == ("\u{10}", true))
        #expect(try type("~,~,.", "~~~.") == ("~", true))
        #expect(try type("a,b,a,c", "ababac") == ("ab", true))
        #expect(try type("ctrl-a,d", "\u{1}\u{1B}[97;5:3ud") == ("", true), "letting go is no press")
    }

    @Test("ctrl-] twice no longer detaches then")
    func usual() throws {
        #expect(try type("ctrl-p,ctrl-q", "\u{1D}\u{1D}") == ("\u{1D}\u{1D}", false))
    }

    @Test(
        "what is no key is refused",
        arguments: ["", ",", "ctrl-", "ctrl-[", "ctrl-ä", "é", "ctrl-a,", "esc", "^A", " "])
    func refused(text: String) {
        #expect(throws: (any Error).self) { try DetachKeys(text) }
    }

    @Test("come from the option, else from the variable, else they are ctrl-] twice")
    func resolved() throws {
        let other = try DetachKeys("ctrl-p,ctrl-q")
        let variable = [DetachKeys.variable: "ctrl-a,d"]
        #expect(try DetachKeys.resolve(option: other, environment: variable) == other)
        #expect(try DetachKeys.resolve(option: nil, environment: variable) == DetachKeys("ctrl-a,d"))
        #expect(try DetachKeys.resolve(option: nil, environment: [:]) == .usual)
        #expect(throws: Failure.self) { try DetachKeys.resolve(option: nil, environment: [DetachKeys.variable: "x y"]) }
    }

    @Test("whoever interrupts a following and says nothing leaves the agent running")
    func interruption() {
        typealias Answer = FollowInterruption.Answer
        #expect(Answer(nil) == .detach)
        #expect(Answer("") == .detach)
        #expect(Answer(" S ") == .stop)
        #expect(Answer("f") == .follow)
        #expect(Answer("what?") == nil)
    }
}
