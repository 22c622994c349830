// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Testing

@testable import TerminalScreen

@Suite struct SequenceScannerTests {
    @Test("a stream means the same however it is cut")
    func cuts() {
        for seed in 0..<UInt64(200) {
            var stream = HostileStream(random: Seeded(seed: seed), columns: 80, rows: 24)
            let bytes = stream.bytes(1000)
            let (whole, pieces) = (Recorder(), Recorder())
            whole.scan(bytes[...])
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...7, using: &stream.random)
                pieces.scan(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(whole.heard == pieces.heard, "seed \(seed)")
            #expect(whole.scanner.unfinished == pieces.scanner.unfinished, "seed \(seed)")
        }
    }

    @Test("what is unfinished stands for what there was of it")
    func unfinished() {
        for seed in 0..<UInt64(200) {
            var stream = HostileStream(random: Seeded(seed: seed), columns: 80, rows: 24)
            let (first, second) = (Recorder(), Recorder())
            first.scan(stream.bytes(500)[...])
            second.scan(first.scanner.unfinished[...])
            first.heard = []
            let rest = stream.bytes(500)
            first.scan(rest[...])
            second.scan(rest[...])
            #expect(first.heard == second.heard, "seed \(seed)")
        }
    }

    @Test(
        "sequences are what ECMA-48 and terminals take them for",
        arguments: [
            ("a\u{1B}[1;2:3;Hb", ["text a", "sequence 1;2:3;H", "text b"]),
            ("\u{1B}[?25\u{8}h", ["control 8", "sequence ?25h"]),
            ("\u{1B}[12\u{1B}[3m", ["sequence 3m"]), ("\u{1B}[12\u{18}3m", ["text 3m"]),
            ("\u{1B}[1?2h!", ["text !"]), ("\u{1B}[0 q", ["sequence 0 q"]), ("\u{1B}(0", ["escape (0"]),
            ("\u{1B}]2;a\u{7}\u{1B}]2;b\u{1B}\\", ["command 2;a", "command 2;b"]),
            ("\u{1B}]2;a\u{1B}[mb", ["sequence m", "text b"]), ("\u{1B}Pq~\u{7}~\u{1B}\\x", ["text x"]),
            ("é\u{1B}7中", ["character é", "escape 7", "character 中"]),
            ("\u{1B}[99999999999999999999A", ["sequence 65535A"]),
        ])
    func sequences(stream: String, heard: [String]) {
        let recorder = Recorder()
        recorder.scan(Array(stream.utf8)[...])
        #expect(recorder.heard == heard)
    }

    @Test("what is no UTF-8 is one replacement for each beginning of a character")
    func invalid() {
        let recorder = Recorder()
        recorder.scan([0xC0, 0x41, 0xE4, 0xB8, 0x41, 0xF0, 0x80, 0xED, 0xA0, 0xFF])
        let replacement = "character \u{FFFD}"
        #expect(
            recorder.heard == [replacement, "text A", replacement, "text A"] + Array(repeating: replacement, count: 5))
    }

    @Test(
        "whatever a stream is in the middle of, little of it is kept",
        arguments: ["\u{1B}]0;", "\u{1B}P", "\u{1B}[", "\u{1B}_"])
    func bounded(beginning: String) {
        let recorder = Recorder()
        recorder.scan(Array(beginning.utf8)[...])
        for _ in 0..<100 { recorder.scan(Array(repeating: 0x31, count: 1000)[...]) }
        #expect(recorder.scanner.unfinished.count <= SequenceScanner.maximumString)
        #expect(recorder.heard.isEmpty)
    }
}

/// Writes down what a scanner tells, text that comes in pieces as one.
private final class Recorder: SequenceReceiver {
    var scanner = SequenceScanner()
    var heard: [String] = []

    func scan(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBufferPointer { scanner.scan($0, for: self) } }

    func text(_ ascii: UnsafeBufferPointer<UInt8>) {
        let text = String(decoding: ascii, as: UTF8.self)
        if let last = heard.last, last.hasPrefix("text ") {
            heard.removeLast(); heard.append(last + text)
        } else {
            heard.append("text " + text)
        }
    }
    func character(_ scalar: Unicode.Scalar) { heard.append("character \(scalar)") }
    func control(_ byte: UInt8) { heard.append("control \(byte)") }
    func escape(intermediate: UInt8, final: UInt8) {
        heard.append(
            "escape " + (intermediate == 0 ? "" : String(Unicode.Scalar(intermediate))) + String(Unicode.Scalar(final)))
    }
    func sequence(_ sequence: ControlSequence) {
        var text = sequence.leader == 0 ? "" : String(Unicode.Scalar(sequence.leader))
        for (index, parameter) in sequence.parameters.enumerated() {
            if index > 0 { text += sequence.belongs[index] ? ":" : ";" }
            text += parameter.map { "\($0)" } ?? ""
        }
        if sequence.intermediate != 0 { text += String(Unicode.Scalar(sequence.intermediate)) }
        heard.append("sequence " + text + String(Unicode.Scalar(sequence.final)))
    }
    func command(_ bytes: [UInt8]) { heard.append("command " + String(decoding: bytes, as: UTF8.self)) }
}
