// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ScreenProtocol
import Testing

@testable import TerminalScreen

/// Model against model: what terminals do not agree about is still done in one way by a screen and by the screen that
/// was begun from its snapshot.
@Suite struct SnapshotTests {
    @Test(
        "a screen begun from a snapshot at any moment of any stream is the same then, and ever after",
        arguments: 0..<UInt64(200))
    func restores(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        var size = try size(&random)
        var stream = HostileStream(random: random, columns: Int(size.columns), rows: Int(size.rows))
        let first = Terminal(size: size, historyLimit: 20)
        for _ in 0..<4 {
            for byte in stream.bytes(Int.random(in: 1...600, using: &stream.random)) { first.feed([byte]) }
            if Int.random(in: 0..<3, using: &stream.random) == 0 {
                size = try self.size(&stream.random)
                first.resize(size)
            }
            let snapshot = first.snapshot(history: 20)
            let second = Terminal(size: size, historyLimit: 20)
            second.feed(stream.bytes(200))
            second.resize(size)
            second.feed(snapshot)
            // The snapshot does not name what the agent has not named.
            try expect(
                shown(first) == shown(second),
                "seed \(seed), at once: \(snapshot.quoted) made \(shown(first)) to \(shown(second))")
            // Cut where the first one was not.
            let copy = Terminal(size: size, historyLimit: 20)
            copy.feed(snapshot)
            try same(first, copy, "seed \(seed), begun from \(snapshot.quoted)")
            var before = first.unfinished
            for _ in 0..<12 {
                let more = stream.bytes(Int.random(in: 1...20, using: &stream.random))
                copy.feed(more)
                first.feed(more)
                try same(first, copy, "seed \(seed), after \((before + more).quoted)")
                before = first.unfinished
            }
        }
    }

    private func size(_ random: inout Seeded) throws -> ScreenSize {
        let columns = [1, 2, 3, 10, 20, 80].randomElement(using: &random)!
        return try #require(ScreenSize(columns: UInt16(columns), rows: [1, 2, 5, 24].randomElement(using: &random)!))
    }

    private func shown(_ terminal: Terminal) -> ScreenDescription {
        var shown = terminal.description
        (shown.title, shown.iconTitle, shown.history) = (nil, nil, 0)
        return shown
    }

    /// A snapshot says everything, so two that are equal are of equal screens.
    private func same(_ first: Terminal, _ second: Terminal, _ when: String) throws {
        var (a, b) = (first.description, second.description)
        // What had scrolled off before a second one began is not its own.
        (a.history, b.history) = (0, 0)
        try expect(a == b, "\(when): \(a) against \(b)")
        let (one, other) = (first.snapshot(history: 0), second.snapshot(history: 0))
        try expect(one == other, "\(when): \(difference(one, other))")
    }

    /// Without showing all of what was compared.
    private func expect(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws {
        if !holds { throw Difference(description: otherwise()) }
    }

    private struct Difference: Error, CustomStringConvertible { var description: String }

    private func difference(_ a: [UInt8], _ b: [UInt8]) -> String {
        let place = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
        func part(_ bytes: [UInt8]) -> String {
            bytes[max(0, place - 40)..<min(bytes.count, place + 40)].quoted
        }
        return "byte \(place): \(part(a)) against \(part(b))"
    }
}

extension Sequence<UInt8> {
    var quoted: String {
        var quoted = ""
        for byte in self {
            quoted += 0x20...0x7E ~= byte ? String(Unicode.Scalar(byte)) : "\\x" + String(byte, radix: 16)
        }
        return quoted
    }
}
