// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Tells an agent's text from what a terminal would obey, byte by byte, in pieces cut anywhere. The states are those of
/// ECMA-48 and of the terminals of today (https://vt100.net/emu/dec_ansi_parser), with C1 also in its form in UTF-8.
///
/// What opens a string, such as OSC, hides everything up to its end: a terminal shows none of it either. Nothing of it is
/// kept, so that an endless one takes no memory.
struct EscapeScanner {
    enum Token: Equatable {
        /// A byte of a printed character. Bytes that are no UTF-8 come as they are.
        case text(UInt8)
        /// A C0 control character, or DEL.
        case control(UInt8)
        /// A control sequence (CSI): its parameter and intermediate bytes, at most 256 of them, and its last byte.
        case sequence([UInt8], UInt8)
    }

    private enum State {
        case text
        /// After ESC.
        case escape
        /// After ESC and intermediate bytes: one more byte ends it.
        case intermediate
        /// Inside a control sequence, with its parameters so far.
        case sequence([UInt8])
        /// Inside an operating system command or another string.
        case string
        /// Inside a string, after a first byte 0xC2, which may begin ST.
        case stringLatin
        /// After a first byte 0xC2, which may begin a C1 control character.
        case latin
    }

    /// No terminal takes so many parameters; what an endless sequence hides stays hidden.
    static let mostParameters = 256

    private var state = State.text
    /// Bytes of a character that are still to come: those are no C1 control characters of an 8-bit terminal.
    private var continuations = 0

    /// What the bytes mean, as far as that is clear by now.
    mutating func scan(_ bytes: some Sequence<UInt8>, _ body: (Token) -> Void) {
        for byte in bytes { take(byte, body) }
    }

    private mutating func take(_ byte: UInt8, _ body: (Token) -> Void) {
        // CAN and SUB end any sequence, ESC begins a new one.
        switch byte {
        case 0x18, 0x1A:
            state = .text
            continuations = 0
            return
        case 0x1B:
            state = .escape
            continuations = 0
            return
        default: break
        }
        switch state {
        case .text: takeText(byte, body)
        case .latin:
            state = .text
            continuations = 0
            if byte < 0x80 { return takeText(byte, body) }
            if byte < 0xA0 { return takeC1(byte) }
            body(.text(0xC2))
            body(.text(byte))
        case .escape:
            switch byte {
            case UInt8(ascii: "["): state = .sequence([])
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
                state = .string
            case 0x20...0x2F: state = .intermediate
            default: state = .text
            }
        case .intermediate: if !(0x20...0x2F).contains(byte) { state = .text }
        case .sequence(let parameters): takeSequence(byte, parameters, body)
        // ESC \ needs no state of its own: ESC has ended the string, and what follows it does nothing.
        case .string: state = byte == 0x07 ? .text : byte == 0xC2 ? .stringLatin : .string
        // The byte 0x9C alone does not end a string: it stands within many a character.
        case .stringLatin: state = byte == 0x07 || byte == 0x9C ? .text : byte == 0xC2 ? .stringLatin : .string
        }
    }

    private mutating func takeText(_ byte: UInt8, _ body: (Token) -> Void) {
        switch byte {
        case 0..<0x20, 0x7F:
            continuations = 0
            body(.control(byte))
        case 0x20...0x7E:
            continuations = 0
            body(.text(byte))
        case 0x80...0xBF where continuations > 0:
            continuations -= 1
            body(.text(byte))
        case 0x80...0x9F: takeC1(byte)
        case 0xC2: state = .latin
        default:
            continuations = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : 0
            body(.text(byte))
        }
    }

    private mutating func takeC1(_ byte: UInt8) {
        switch byte {
        case 0x9B: state = .sequence([])
        case 0x90, 0x98, 0x9D, 0x9E, 0x9F: state = .string
        default: state = .text
        }
    }

    private mutating func takeSequence(_ byte: UInt8, _ parameters: [UInt8], _ body: (Token) -> Void) {
        switch byte {
        case 0x20...0x3F: state = .sequence(parameters.count < Self.mostParameters ? parameters + [byte] : parameters)
        case 0x40...0x7E:
            state = .text
            body(.sequence(parameters, byte))
        // Control characters within a sequence act at once.
        case 0..<0x20: body(.control(byte))
        default: break
        }
    }
}
