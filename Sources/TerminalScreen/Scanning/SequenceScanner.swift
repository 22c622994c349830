// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Cuts what an agent writes into text, controls and sequences, however it is split over calls (ECMA-48, and the state
/// diagram at vt100.net/emu/dec_ansi_parser). It keeps a bounded amount of whatever it is in the middle of.
///
/// libvterm has a parser of its own; that of 0.1 writes past its array at the 17th parameter, and of none can be learnt
/// what it holds back. So it only ever sees whole and harmless pieces.
struct SequenceScanner {
    /// How long a control sequence may be before all of it is skipped, in bytes.
    static let maximumSequence = 256
    /// How much of a string is kept, in bytes. All of a longer one is skipped.
    static let maximumString = 8192

    /// Begins a command of a number that no terminal knows. A privacy message is read by none.
    private static let skippedCommand = Array("\u{1B}]77777;".utf8)

    private enum State: Equatable {
        case ground, character, escape, sequence, skippedSequence
        case string(StringKind)
        /// ESC within a string: its end if a backslash follows.
        case stringEscape(StringKind)
    }

    private enum StringKind: UInt8 {
        case command = 0x5D  // OSC
        case device = 0x50  // DCS
        case start = 0x58  // SOS
        case privacy = 0x5E  // PM
        case application = 0x5F  // APC
    }

    private var state = State.ground
    /// The bytes of what `state` is in the middle of.
    private var held: [UInt8] = []
    private var isTooLong = false
    private var decoder = CharacterDecoder()
    private var current = ControlSequence()

    /// The bytes that stand for what the stream has begun and not ended: read by a terminal, they let it go on as this
    /// scanner would.
    var unfinished: [UInt8] {
        switch state {
        case .ground: return []
        case .character, .escape, .sequence, .skippedSequence: return held
        case .string(let kind), .stringEscape(let kind):
            // Of a string that is too long, no terminal shall take the beginning for the whole.
            let beginning =
                !isTooLong
                ? held : kind == .command ? SequenceScanner.skippedCommand : [0x1B, StringKind.privacy.rawValue]
            if case .stringEscape = state { return beginning + [0x1B] }
            return beginning
        }
    }

    mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, for receiver: some SequenceReceiver) {
        var index = 0
        while index < bytes.count {
            switch state {
            case .ground:
                var end = index
                while end < bytes.count, bytes[end] &- 0x20 < 0x5F { end += 1 }
                if end > index {
                    receiver.text(UnsafeBufferPointer(rebasing: bytes[index..<end]))
                    index = end
                } else {
                    ground(bytes[index], receiver)
                    index += 1
                }
            case .string: index = string(bytes, from: index, receiver)
            default:
                if step(bytes[index], receiver) { index += 1 }
            }
        }
    }

    private mutating func ground(_ byte: UInt8, _ receiver: some SequenceReceiver) {
        switch byte {
        case 0x1B: begin(.escape, byte)
        case 0, 0x18, 0x1A, 0x7F: break
        case ..<0x20: receiver.control(byte)
        default: if !continueCharacter(byte, receiver) { ground(byte, receiver) }
        }
    }

    private mutating func begin(_ next: State, _ byte: UInt8) {
        state = next
        held.removeAll(keepingCapacity: true)
        held.append(byte)
        isTooLong = false
    }

    private mutating func end() {
        state = .ground
        held.removeAll(keepingCapacity: held.capacity <= 1024)
    }

    /// False if the byte belongs to what comes after.
    private mutating func step(_ byte: UInt8, _ receiver: some SequenceReceiver) -> Bool {
        if state == .character { return continueCharacter(byte, receiver) }
        if case .stringEscape(let kind) = state {
            guard byte == 0x5C else {
                // Anything else after ESC ends the string unread, and is an escape sequence.
                begin(.escape, 0x1B)
                return false
            }
            finish(kind, receiver)
            return true
        }
        switch byte {
        case 0x1B:
            begin(.escape, byte)
            return true
        case 0x18, 0x1A:
            end()
            return true
        case 0, 0x7F: return true
        case ..<0x20:
            // Controls are followed at once, in the middle of a sequence.
            receiver.control(byte)
            return true
        case 0x80...:
            end()
            return false
        default: break
        }
        if state == .escape { escape(byte, receiver) } else { sequence(byte, receiver) }
        return true
    }

    private mutating func escape(_ byte: UInt8, _ receiver: some SequenceReceiver) {
        let isFirst = held.count == 1
        if byte < 0x30 {
            // More than one is no sequence that anybody knows, and only the end of it matters.
            if held.count < 3 { held.append(byte) }
        } else if isFirst, byte == 0x5B {
            held.append(byte)
            current.clear()
            state = .sequence
        } else if isFirst, let kind = StringKind(rawValue: byte) {
            held.append(byte)
            state = .string(kind)
        } else {
            let intermediate = held.count == 1 ? 0 : held.count == 2 ? held[1] : ControlSequence.unknownIntermediate
            end()
            receiver.escape(intermediate: intermediate, final: byte)
        }
    }

    private mutating func sequence(_ byte: UInt8, _ receiver: some SequenceReceiver) {
        if byte >= 0x40 {
            let isWhole = state == .sequence
            current.final = byte
            end()
            if isWhole { receiver.sequence(current) }
            return
        }
        if held.count <= SequenceScanner.maximumSequence { held.append(byte) }
        guard held.count <= SequenceScanner.maximumSequence, state == .sequence else {
            state = .skippedSequence
            return
        }
        switch byte {
        case ..<0x30:
            current.intermediate = current.intermediate == 0 ? byte : ControlSequence.unknownIntermediate
        case _ where current.intermediate != 0: state = .skippedSequence
        case ..<0x3A: current.digit(UInt16(byte - 0x30))
        case 0x3A, 0x3B: current.separator(belonging: byte == 0x3A)
        case _ where held.count == 3: current.leader = byte
        default: state = .skippedSequence
        }
    }

    private mutating func string(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ receiver: some SequenceReceiver
    ) -> Int {
        guard case .string(let kind) = state else { return start }
        var end = start
        while end < bytes.count, bytes[end] >= 0x20 { end += 1 }
        if end > start, !isTooLong, kind != .privacy, kind != .start {
            if held.count + (end - start) > SequenceScanner.maximumString {
                isTooLong = true
                held.removeAll()
            } else {
                held.append(contentsOf: bytes[start..<end])
                if kind == .command, held.starts(with: SequenceScanner.skippedCommand) { isTooLong = true }
            }
        }
        guard end < bytes.count else { return end }
        switch bytes[end] {
        case 0x1B: state = .stringEscape(kind)
        case 0x18, 0x1A: self.end()
        case 0x07 where kind == .command: finish(kind, receiver)
        default: break
        }
        return end + 1
    }

    private mutating func finish(_ kind: StringKind, _ receiver: some SequenceReceiver) {
        let content = kind == .command && !isTooLong ? Array(held.dropFirst(2)) : nil
        end()
        if let content { receiver.command(content) }
    }

    /// False if the byte does not belong to the character, which then was none.
    private mutating func continueCharacter(_ byte: UInt8, _ receiver: some SequenceReceiver) -> Bool {
        switch decoder.next(byte) {
        case .more:
            if state != .character { begin(.character, byte) } else { held.append(byte) }
            return true
        case .scalar(let scalar):
            end()
            receiver.character(scalar)
            return true
        case .invalid(let isTaken):
            end()
            receiver.character("\u{FFFD}")
            return isTaken
        }
    }
}
