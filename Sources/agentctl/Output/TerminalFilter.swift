// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Lets through of an agent's output what a log on a terminal needs: text, line ends, tabs and colours (SGR). Whatever
/// could move the cursor elsewhere, change modes, set titles or ask the terminal to answer is taken out, and what is no
/// plain text replaced. Works on pieces cut anywhere.
struct TerminalFilter {
    private var scanner = EscapeScanner()
    private var isColoured = false
    /// The beginning of a character.
    private var character: [UInt8] = []

    mutating func filter(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        // The scanner apart, since it is changed while the rest of this is.
        var scanner = scanner
        scanner.scan(bytes) { token in
            if case .text(let byte) = token { return take(byte, &result) }
            pass(&result)
            switch token {
            case .control(let byte) where [0x09, 0x0A, 0x0D].contains(byte): result.append(byte)
            case .sequence(let parameters?, UInt8(ascii: "m")):
                guard parameters.allSatisfy({ (0x30...0x3B).contains($0) }) else { return }
                isColoured = !(parameters.isEmpty || parameters == [0x30])
                result += [0x1B, UInt8(ascii: "[")] + parameters + [UInt8(ascii: "m")]
            case .text, .control, .escape, .sequence, .string: break
            }
        }
        self.scanner = scanner
        return result
    }

    /// What there is of a character that is not whole, and what takes the colours back at the end.
    mutating func finish() -> [UInt8] {
        var result: [UInt8] = []
        pass(&result)
        if isColoured { result += Array("\u{1B}[0m".utf8) }
        self = TerminalFilter()
        return result
    }

    private mutating func take(_ byte: UInt8, _ result: inout [UInt8]) {
        let isContinuation = byte & 0xC0 == 0x80
        if !isContinuation { pass(&result) }
        if byte < 0x80 { return result.append(byte) }
        character.append(byte)
        let length = character[0] >= 0xF0 ? 4 : character[0] >= 0xE0 ? 3 : character[0] >= 0xC0 ? 2 : 1
        if character.count >= length { pass(&result) }
    }

    private mutating func pass(_ result: inout [UInt8]) {
        guard !character.isEmpty else { return }
        result += PlainText.plain(String(decoding: character, as: UTF8.self)).utf8
        character.removeAll(keepingCapacity: true)
    }
}
