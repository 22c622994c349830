// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Characters from UTF-8, a byte at a time. Each longest beginning of a character that does not go on as one must is one
/// invalid character (Unicode 15, 3.9, "U+FFFD Substitution of Maximal Subparts").
struct CharacterDecoder {
    enum Step {
        case more
        case scalar(Unicode.Scalar)
        /// What there was is no character. The byte is part of that, or else of what comes next.
        case invalid(isTaken: Bool)
    }

    private var value: UInt32 = 0
    private var missing = 0
    /// What the next byte may be: the second is narrower than the others, so that nothing is overlong or a surrogate.
    private var range: ClosedRange<UInt8> = 0x80...0xBF

    mutating func next(_ byte: UInt8) -> Step {
        guard missing > 0 else { return first(byte) }
        guard range ~= byte else {
            missing = 0
            return .invalid(isTaken: false)
        }
        value = value << 6 | UInt32(byte & 0x3F)
        missing -= 1
        range = 0x80...0xBF
        guard missing == 0 else { return .more }
        guard let scalar = Unicode.Scalar(value) else { return .invalid(isTaken: true) }
        return .scalar(scalar)
    }

    private mutating func first(_ byte: UInt8) -> Step {
        range = 0x80...0xBF
        switch byte {
        case 0xC2...0xDF: (value, missing) = (UInt32(byte & 0x1F), 1)
        case 0xE0...0xEF: (value, missing) = (UInt32(byte & 0x0F), 2)
        case 0xF0...0xF4: (value, missing) = (UInt32(byte & 0x07), 3)
        default: return .invalid(isTaken: true)
        }
        switch byte {
        case 0xE0: range = 0xA0...0xBF
        case 0xED: range = 0x80...0x9F
        case 0xF0: range = 0x90...0xBF
        case 0xF4: range = 0x80...0x8F
        default: break
        }
        return .more
    }
}
