// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Lets through of an agent's output what a log on a terminal needs: text, line ends, tabs and colours (SGR). Whatever
/// could move the cursor elsewhere, change modes, set titles or ask the terminal to answer is taken out. Works on
/// pieces cut anywhere.
struct TerminalFilter {
    private enum State {
        case text
        /// After ESC.
        case escape
        /// After ESC and intermediate bytes: one more byte ends it.
        case intermediate
        /// Inside a control sequence, with its parameters so far.
        case sequence([UInt8])
        /// Inside an operating system command or another string, up to BEL or ESC \.
        case string
        case stringEscape
        /// After a first byte 0xC2, which may begin a C1 control character.
        case latin
    }

    private var state = State.text
    /// Bytes of a character that are still to come: those are no C1 control characters of an 8-bit terminal.
    private var continuations = 0
    private var isColoured = false

    mutating func filter(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes { take(byte, &result) }
        return result
    }

    /// What takes the colours back at the end.
    mutating func finish() -> [UInt8] {
        defer { self = TerminalFilter() }
        return isColoured ? Array("\u{1B}[0m".utf8) : []
    }

    private mutating func take(_ byte: UInt8, _ result: inout [UInt8]) {
        // CAN and SUB end any sequence, ESC begins a new one; only a string takes ESC for its own end.
        if byte == 0x18 || byte == 0x1A {
            state = .text
            return
        }
        switch state {
        case .text: takeText(byte, &result)
        case .latin:
            state = .text
            continuations = 0
            if byte < 0x80 { return takeText(byte, &result) }
            if byte < 0xA0 { return takeC1(byte) }
            result += [0xC2, byte]
        case .escape:
            switch byte {
            case 0x1B: break
            case UInt8(ascii: "["): state = .sequence([])
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
                state = .string
            case 0x20...0x2F: state = .intermediate
            default: state = .text
            }
        case .intermediate:
            if byte == 0x1B { state = .escape } else if !(0x20...0x2F).contains(byte) { state = .text }
        case .sequence(let parameters): takeSequence(byte, parameters, &result)
        case .string:
            if byte == 0x07 { state = .text } else if byte == 0x1B { state = .stringEscape }
        case .stringEscape:
            state = .string
            if byte == UInt8(ascii: "\\") { state = .text } else if byte == 0x1B { state = .stringEscape }
        }
    }

    private mutating func takeText(_ byte: UInt8, _ result: inout [UInt8]) {
        switch byte {
        case 0x1B: state = .escape
        case 0x09, 0x0A, 0x0D, 0x20...0x7E:
            continuations = 0
            result.append(byte)
        case 0..<0x20, 0x7F: continuations = 0
        case 0x80...0xBF where continuations > 0:
            continuations -= 1
            result.append(byte)
        case 0x80...0x9F: takeC1(byte)
        case 0xC2: state = .latin
        default:
            continuations = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : 0
            result.append(byte)
        }
    }

    private mutating func takeC1(_ byte: UInt8) {
        switch byte {
        case 0x9B: state = .sequence([])
        case 0x90, 0x98, 0x9D, 0x9E, 0x9F: state = .string
        default: state = .text
        }
    }

    private mutating func takeSequence(_ byte: UInt8, _ parameters: [UInt8], _ result: inout [UInt8]) {
        switch byte {
        case 0x1B: state = .escape
        // No terminal takes so many parameters; what an endless sequence hides stays hidden.
        case 0x20...0x3F: state = .sequence(parameters.count < 256 ? parameters + [byte] : parameters)
        case UInt8(ascii: "m"):
            state = .text
            let isColour = parameters.allSatisfy { (0x30...0x3B).contains($0) } && parameters.count < 256
            guard isColour else { return }
            isColoured = !(parameters.isEmpty || parameters == [0x30])
            result += [0x1B, UInt8(ascii: "[")] + parameters + [byte]
        case 0x40...0x7E: state = .text
        // Control characters within a sequence act at once, and are taken out.
        default: break
        }
    }
}
