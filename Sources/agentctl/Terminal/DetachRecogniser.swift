// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Finds the request to detach in what is typed: ctrl-] twice within half a second.
///
/// The first press is held back for that long and forwarded then, or at once before another key, so that nothing typed
/// is lost or overtaken. Terminals send ctrl-] in three ways: as the byte 0x1D, in the kitty protocol as
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

    /// A press that may be the first of two, with what came after it and is no press of a key.
    private var held: (bytes: [UInt8], since: Instant)?
    /// The beginning of a control sequence.
    private var partial: (bytes: [UInt8], since: Instant)?
    private var isPasting = false

    /// When `expire` should be called if nothing else is typed.
    var deadline: Instant? {
        if let held { return held.since + Self.interval }
        return partial.map { $0.since + Self.sequenceTimeout }
    }

    /// Takes what was typed. Nothing after the second press is looked at.
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
        let bytes = (held?.bytes ?? []) + (partial?.bytes ?? [])
        held = nil
        partial = nil
        return bytes
    }

    private mutating func take(_ byte: UInt8, _ now: Instant, _ outcome: inout Outcome) {
        guard let beginning = partial else {
            switch byte {
            case 0x1B: partial = ([byte], now)
            case 0x1D where !isPasting: press([byte], now, &outcome)
            default: pass([byte], &outcome)
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
        case .detach: press(bytes, now, &outcome)
        case .noPress where held != nil: held?.bytes += bytes
        default: pass(bytes, &outcome)
        }
    }

    private enum KeyEvent {
        case detach
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
            return key == 93 && isControl(modifiers.first ?? nil) ? .detach : .other
        case UInt8(ascii: "~"):
            return fields.count == 3 && fields[0] == [27] && fields[2] == [93] && isControl(fields[1].first ?? nil)
                ? .detach : .other
        default: return .other
        }
    }

    /// The number is one more than a set of bits: shift 1, alt 2, ctrl 4, super 8, hyper 16, meta 32, caps lock 64, num
    /// lock 128. The locks do not matter.
    private static func isControl(_ modifiers: Int?) -> Bool {
        guard let modifiers, modifiers > 0 else { return false }
        return (modifiers - 1) & 0b0011_1111 == 4
    }

    private mutating func press(_ bytes: [UInt8], _ now: Instant, _ outcome: inout Outcome) {
        if held != nil {
            // Within the interval, or `type` would have expired it.
            held = nil
            outcome.detaches = true
        } else {
            held = (bytes, now)
        }
    }

    private mutating func pass(_ bytes: [UInt8], _ outcome: inout Outcome) {
        outcome.forward += (held?.bytes ?? []) + bytes
        held = nil
    }
}
