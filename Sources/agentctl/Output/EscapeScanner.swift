// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Tells an agent's text from what a terminal would obey, byte by byte, in pieces cut anywhere. The states are those of
/// ECMA-48 and of the terminals of today (https://vt100.net/emu/dec_ansi_parser), with C1 as it is in UTF-8 alone: a lone
/// byte 0x80 to 0x9F is none to them, but no character either.
///
/// What opens a string, such as OSC, hides everything up to its end: a terminal shows none of it either. Only its
/// beginning is kept, so that an endless one takes no memory.
struct EscapeScanner: Equatable {
    enum Token: Equatable {
        /// A byte of a printed character. Bytes that are no UTF-8 come as they are, but for those alone that are C1 to an
        /// 8-bit terminal: they come as U+FFFD.
        case text(UInt8)
        /// A C0 control character, or DEL.
        case control(UInt8)
        /// ESC with its intermediate bytes and its last one.
        case escape([UInt8], UInt8)
        /// A control sequence (CSI): its parameter and intermediate bytes, and its last byte. Nil for those of which
        /// terminals make this or that: too many, or with other characters between them.
        case sequence([UInt8]?, UInt8)
        /// A string: what opens it after ESC, such as `]` for OSC, and its first bytes, at most `mostOfString`.
        case string(UInt8, [UInt8])
    }

    private enum State: Equatable {
        case text
        /// After ESC, perhaps with intermediate bytes.
        case escape
        /// Inside a control sequence.
        case sequence
        /// Inside an operating system command or another string.
        case string(UInt8)
    }

    /// No terminal takes so many parameters; what an endless sequence hides stays hidden.
    static let mostParameters = 256
    static let mostOfString = 64

    private var state = State.text
    /// What has come of what `state` is inside of.
    private var collected: [UInt8] = []
    /// All of the sequence is in `collected`, and nothing else was in between.
    private var isClear = true
    /// Bytes of a character that are still to come: those are no C1 control characters of an 8-bit terminal.
    private var continuations = 0
    /// After a byte 0xC2, which begins C1 in UTF-8.
    private var isLatin = false

    /// What the bytes mean, as far as that is clear by now.
    mutating func scan(_ bytes: some Sequence<UInt8>, _ body: (Token) -> Void) {
        for byte in bytes { take(byte, body) }
    }

    private mutating func take(_ byte: UInt8, _ body: (Token) -> Void) {
        if isLatin {
            isLatin = false
            // C1 is ESC and a byte from @ to _ in one character: it ends what there was, as ESC does.
            if (0x80..<0xA0).contains(byte) {
                begin(body)
                return takeEscape(byte - 0x40, body)
            }
            takePlain(0xC2, body)
        }
        switch byte {
        case 0xC2: isLatin = true
        case 0x1B: begin(body)
        // CAN and SUB end any sequence.
        case 0x18, 0x1A:
            begin(body)
            state = .text
        default: takePlain(byte, body)
        }
    }

    /// After ESC. Terminals act upon a string that ESC ends; that of ST does nothing else.
    private mutating func begin(_ body: (Token) -> Void) {
        if case .string(let kind) = state { body(.string(kind, collected)) }
        enter(.escape)
    }

    private mutating func enter(_ next: State) {
        state = next
        collected.removeAll(keepingCapacity: true)
        isClear = true
        continuations = 0
    }

    private mutating func takePlain(_ byte: UInt8, _ body: (Token) -> Void) {
        switch state {
        case .text: takeText(byte, body)
        case .escape: takeEscape(byte, body)
        case .sequence: takeSequence(byte, body)
        case .string(let kind):
            if byte == 0x07 {
                body(.string(kind, collected))
                enter(.text)
            } else if byte >= 0x20, collected.count < Self.mostOfString {
                collected.append(byte)
            }
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
        case 0x80...0x9F: for byte in "\u{FFFD}".utf8 { body(.text(byte)) }
        default:
            continuations = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : 0
            body(.text(byte))
        }
    }

    private mutating func takeEscape(_ byte: UInt8, _ body: (Token) -> Void) {
        switch byte {
        // Control characters within a sequence act at once, and it goes on.
        case 0..<0x20: body(.control(byte))
        case 0x7F: break
        case 0x20...0x2F: if collected.count < Self.mostParameters { collected.append(byte) }
        case UInt8(ascii: "[") where collected.isEmpty: enter(.sequence)
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            if collected.isEmpty { enter(.string(byte)) } else { enter(.text) }
        default:
            let intermediates = collected
            enter(.text)
            if byte < 0x80 { body(.escape(intermediates, byte)) }
        }
    }

    private mutating func takeSequence(_ byte: UInt8, _ body: (Token) -> Void) {
        switch byte {
        case 0..<0x20: body(.control(byte))
        case 0x20...0x3F where collected.count < Self.mostParameters: collected.append(byte)
        case 0x40...0x7E:
            let parameters = isClear ? collected : nil
            enter(.text)
            body(.sequence(parameters, byte))
        case 0x7F: break
        default: isClear = false
        }
    }
}
