// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Lets through of an agent's output what a log on a terminal needs: text, line ends, tabs and colours (SGR). Whatever
/// could move the cursor elsewhere, change modes, set titles or ask the terminal to answer is taken out. Works on
/// pieces cut anywhere.
struct TerminalFilter {
    private var scanner = EscapeScanner()
    private var isColoured = false

    mutating func filter(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        // The scanner apart, since it is changed while the rest of this is.
        var scanner = scanner
        scanner.scan(bytes) { token in
            switch token {
            case .text(let byte): result.append(byte)
            case .control(let byte) where [0x09, 0x0A, 0x0D].contains(byte): result.append(byte)
            case .control: break
            case .sequence(let parameters, UInt8(ascii: "m")):
                let isColour =
                    parameters.allSatisfy { (0x30...0x3B).contains($0) }
                    && parameters.count < EscapeScanner.mostParameters
                guard isColour else { return }
                isColoured = !(parameters.isEmpty || parameters == [0x30])
                result += [0x1B, UInt8(ascii: "[")] + parameters + [UInt8(ascii: "m")]
            case .sequence: break
            }
        }
        self.scanner = scanner
        return result
    }

    /// What takes the colours back at the end.
    mutating func finish() -> [UInt8] {
        defer { self = TerminalFilter() }
        return isColoured ? Array("\u{1B}[0m".utf8) : []
    }
}
