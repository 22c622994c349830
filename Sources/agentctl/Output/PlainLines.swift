// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// An agent's output as lines of plain text: no control sequence and no control character but the tab, and valid UTF-8.
/// Works on pieces cut anywhere.
///
/// A line is what a person would have read in the end. `\r\n` ends one; a lone `\r` starts it anew, as a progress bar
/// does, so that its last version stays; a backspace takes a character back, as when one is overstruck or deleted. Lines
/// are passed on when they end, since until then they may still change.
struct PlainLines {
    /// Bytes of a line that are kept for that. What a longer one began with can no longer change.
    static let mostBytes = 64 * 1024

    /// Whether each line begins with the time of its first byte.
    let isTimed: Bool
    /// Whether a line ends where a program with a screen of its own goes to another one, as its output has no other ends.
    let breaksAtMoves: Bool

    private var scanner = EscapeScanner()
    private var line: [UInt8] = []
    /// When the first byte of `line` came.
    private var time: Timestamp?
    /// The beginning of this line has been passed on.
    private var isContinued = false
    /// After `\r`: what comes next says whether the line ends or starts anew.
    private var isAtStart = false

    init(isTimed: Bool = false, breaksAtMoves: Bool = false) {
        self.isTimed = isTimed
        self.breaksAtMoves = breaksAtMoves
    }

    /// The lines that end with these bytes.
    mutating func filter(_ bytes: [UInt8], at now: Timestamp) -> [UInt8] {
        var result: [UInt8] = []
        // The scanner apart, since it is changed while the rest of this is.
        var scanner = scanner
        scanner.scan(bytes) { take($0, now, &result) }
        self.scanner = scanner
        return result
    }

    /// What there is of a line that has not ended.
    mutating func finish() -> [UInt8] {
        var result: [UInt8] = []
        if !line.isEmpty { pass(line.count, &result) }
        self = PlainLines(isTimed: isTimed, breaksAtMoves: breaksAtMoves)
        return result
    }

    /// The same, ended, because what follows does not belong to it.
    mutating func breakOff() -> [UInt8] {
        let isOpen = isContinued || !line.isEmpty
        let rest = finish()
        return isOpen ? rest + [UInt8(ascii: "\n")] : rest
    }

    private mutating func take(_ token: EscapeScanner.Token, _ now: Timestamp, _ result: inout [UInt8]) {
        switch token {
        case .text(let byte): append(byte, now, &result)
        case .control(0x09): append(0x09, now, &result)
        // Vertical tab and form feed move down as a line feed does.
        case .control(0x0A), .control(0x0B), .control(0x0C): end(now, &result)
        case .control(0x0D): isAtStart = true
        case .control(0x08): if !isAtStart { takeBack() }
        case .sequence(let parameters, UInt8(ascii: "K")): erase(parameters, &result)
        case .sequence(_, let final) where breaksAtMoves && Self.moves.contains(final):
            if !line.isEmpty { end(now, &result) }
        case .control, .escape, .sequence, .string: break
        }
    }

    /// Cursor up, down, to the next or previous line, to a place, to a row.
    private static let moves = "ABEFHfd".utf8

    private mutating func end(_ now: Timestamp, _ result: inout [UInt8]) {
        if time == nil { time = now }
        pass(line.count, &result)
        result.append(UInt8(ascii: "\n"))
        (time, isContinued, isAtStart) = (nil, false, false)
    }

    private mutating func append(_ byte: UInt8, _ now: Timestamp, _ result: inout [UInt8]) {
        if isAtStart { startAnew(&result) }
        isAtStart = false
        if time == nil { time = now }
        line.append(byte)
        if line.count >= Self.mostBytes { passBeginning(&result) }
    }

    /// Erases the line, or, at its start, all that stands right of that.
    private mutating func erase(_ parameters: [UInt8]?, _ result: inout [UInt8]) {
        let isWhole = parameters == [UInt8(ascii: "2")]
        let isRight = parameters == [] || parameters == [UInt8(ascii: "0")]
        if isWhole || isRight && isAtStart { startAnew(&result) }
    }

    private mutating func startAnew(_ result: inout [UInt8]) {
        if isContinued { result.append(UInt8(ascii: "\n")) }
        line.removeAll(keepingCapacity: true)
        (time, isContinued) = (nil, false)
    }

    /// Removes the last character, with the marks that combine with it.
    private mutating func takeBack() {
        while let scalar = line.popLastScalar(), scalar.isCombining {}
        if line.isEmpty, !isContinued { time = nil }
    }

    /// Passes on all but a character that may not be whole.
    private mutating func passBeginning(_ result: inout [UInt8]) {
        let whole = line.lastIndex { $0 & 0xC0 != 0x80 } ?? line.count
        pass(whole == 0 ? line.count : whole, &result)
        isContinued = true
    }

    private mutating func pass(_ count: Int, _ result: inout [UInt8]) {
        if isTimed, !isContinued, let time { result += Array("\(time) ".utf8) }
        let text = line.prefix(count)
        if String(validating: text, as: UTF8.self) != nil {
            result += text
        } else {
            result += Array(String(decoding: text, as: UTF8.self).utf8)
        }
        line.removeFirst(count)
    }
}

extension [UInt8] {
    /// Takes the last character of UTF-8 off, or the last byte where there is none. Nil when there is nothing.
    fileprivate mutating func popLastScalar() -> Unicode.Scalar? {
        var bytes: [UInt8] = []
        while bytes.count < 4, let byte = popLast() {
            bytes.insert(byte, at: 0)
            if byte & 0xC0 != 0x80 { break }
        }
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.first
    }
}

extension Unicode.Scalar {
    /// Whether it changes the character before it instead of being one.
    fileprivate var isCombining: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: true
        default: self == "\u{200D}"
        }
    }
}
