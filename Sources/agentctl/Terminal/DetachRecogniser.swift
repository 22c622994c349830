// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Finds the request to detach in what is typed: its keys one after the other, each within half a second of the last.
///
/// What may be the beginning is held back for that long and forwarded then, or at once before another key, so that nothing
/// typed is lost or overtaken. Terminals send Ctrl-] in three ways: as the byte 0x1D, in the kitty protocol as
/// `CSI 93;<modifiers>u`, and with xterm's modifyOtherKeys as `CSI 27;<modifiers>;93~`; a sequence may come in pieces.
struct DetachRecogniser {
    typealias Instant = ContinuousClock.Instant

    /// How far apart the presses may be.
    static let interval = Duration.milliseconds(500)
    /// How long the rest of a control sequence may take to come. An ESC typed alone is held back for so long.
    static let sequenceTimeout = Duration.milliseconds(50)

    struct Outcome: Equatable {
        /// For the agent.
        var forward: [UInt8] = []
        var detaches = false
    }

    private let keys: [DetachKeys.Key]

    /// A press that may belong to the request, with what came after it and is no press of a key.
    private struct Press {
        var key: DetachKeys.Key
        var bytes: [UInt8]
    }

    /// The beginning of the request.
    private var held: [Press] = []
    /// Since the last of them.
    private var heldSince = Instant.now
    /// The beginning of a control sequence.
    private var partial: (bytes: [UInt8], since: Instant)?
    private var isPasting = false

    init(_ keys: DetachKeys = .usual) {
        self.keys = keys.keys
    }

    /// When `expire` should be called if nothing else is typed.
    var deadline: Instant? {
        if !held.isEmpty { return heldSince + Self.interval }
        return partial.map { $0.since + Self.sequenceTimeout }
    }

    /// Takes what was typed. Nothing after the last press is looked at.
    mutating func type(_ bytes: some Sequence<UInt8>, at now: Instant) -> Outcome {
        var outcome = Outcome(forward: expire(at: now))
        for byte in bytes {
            take(byte, now, &outcome)
            if outcome.detaches { break }
        }
        return outcome
    }

    /// What has been held back long enough.
    mutating func expire(at now: Instant) -> [UInt8] {
        guard let deadline, now >= deadline else { return [] }
        let bytes = held.flatMap(\.bytes) + (partial?.bytes ?? [])
        held = []
        partial = nil
        return bytes
    }

    private mutating func take(_ byte: UInt8, _ now: Instant, _ outcome: inout Outcome) {
        guard let beginning = partial else {
            switch byte {
            case 0x1B: partial = ([byte], now)
            default:
                // A key that is not asked for matters as well: it comes between the others.
                let key = keys.first { $0.byte == byte }
                if let key, !isPasting { press(key, [byte], now, &outcome) } else { pass([byte], &outcome) }
            }
            return
        }
        let bytes = beginning.bytes + [byte]
        switch byte {
        case 0x1B:
            partial = ([byte], now)
            pass(beginning.bytes, &outcome)
        case UInt8(ascii: "[") where bytes.count == 2: partial = (bytes, beginning.since)
        case 0x20...0x3F where bytes.count > 2 && bytes.count <= 64: partial = (bytes, beginning.since)
        default:
            partial = nil
            finish(bytes, now, &outcome)
        }
    }

    /// A whole escape sequence has come.
    private mutating func finish(_ bytes: [UInt8], _ now: Instant, _ outcome: inout Outcome) {
        guard bytes.count > 2, bytes[1] == UInt8(ascii: "["), let final = bytes.last else {
            return pass(bytes, &outcome)
        }
        let parameters = String(decoding: bytes[2..<bytes.count - 1], as: UTF8.self)
        if final == UInt8(ascii: "~"), parameters == "200" || parameters == "201" { isPasting = parameters == "200" }
        switch isPasting ? .other : Self.key(parameters, final) {
        case .press(let key) where keys.contains(key): press(key, bytes, now, &outcome)
        case .noPress where !held.isEmpty: held[held.count - 1].bytes += bytes
        default: pass(bytes, &outcome)
        }
    }

    private enum KeyEvent {
        case press(DetachKeys.Key)
        /// A key let go, or a modifier alone: what lies between two presses.
        case noPress
        case other
    }

    private static func key(_ parameters: String, _ final: UInt8) -> KeyEvent {
        let fields = parameters.split(separator: ";", omittingEmptySubsequences: false).map {
            $0.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        }
        switch final {
        case UInt8(ascii: "u"):
            guard let key = fields[0].first ?? nil else { return .other }
            let modifiers = fields.count > 1 ? fields[1] : []
            // Event types: 1 press, 2 repeat, 3 release. Keys 57441 to 57454 are the modifiers.
            if (57441...57454).contains(key) || (modifiers.count > 1 && modifiers[1] == 3) { return .noPress }
            return event(key, modifiers.first ?? nil, shifted: fields[0].count > 1 ? fields[0][1] : nil)
        case UInt8(ascii: "~"):
            guard fields.count == 3, fields[0] == [27], let key = fields[2].first ?? nil else { return .other }
            return event(key, fields[1].first ?? nil)
        default: return .other
        }
    }

    /// The number of the modifiers is one more than a set of bits: shift 1, alt 2, ctrl 4, super 8, hyper 16, meta 32,
    /// caps lock 64, num lock 128. The locks do not matter.
    private static func event(_ key: Int, _ modifiers: Int?, shifted: Int? = nil) -> KeyEvent {
        guard let character = UInt8(exactly: key), case let modifiers = modifiers ?? 1, modifiers > 0 else {
            return .other
        }
        switch (modifiers - 1) & 0b0011_1111 {
        case 0: return .press(.character(character))
        case 4: return .press(.control(character))
        case 5:
            let shifted = shifted.map { UInt8(exactly: $0) } ?? withShift(character)
            return shifted.map { .press(.control($0)) } ?? .other
        default: return .other
        }
    }

    /// Of the characters that detach with Ctrl, `^` and `_` take shift on most keyboards. xterm then names the character; the
    /// kitty protocol names the key, and what shift makes of it only where a program asks for that, so else it is the key
    /// of an American keyboard that counts.
    private static func withShift(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "^"), UInt8(ascii: "6"): UInt8(ascii: "^")
        case UInt8(ascii: "_"), UInt8(ascii: "-"): UInt8(ascii: "_")
        default: nil
        }
    }

    private mutating func press(
        _ key: DetachKeys.Key, _ bytes: [UInt8], _ now: Instant, _ outcome: inout Outcome
    ) {
        held.append(Press(key: key, bytes: bytes))
        heldSince = now
        // What cannot be the beginning is not; a later press may be.
        while !keys.starts(with: held.map(\.key)) { outcome.forward += held.removeFirst().bytes }
        if held.count == keys.count {
            // Each came within the interval, or `type` would have expired it.
            held = []
            outcome.detaches = true
        }
    }

    private mutating func pass(_ bytes: [UInt8], _ outcome: inout Outcome) {
        outcome.forward += held.flatMap(\.bytes) + bytes
        held = []
    }
}
