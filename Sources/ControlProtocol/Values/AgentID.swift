// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The identity of an agent, for ever: a ULID, 48 bits of time in milliseconds and 80 random bits, written as 26 letters
/// and digits of Crockford's base 32. Ids sort by age, as values and as text.
public struct AgentID: WireText, Comparable {
    public let value: UInt128

    public static var schema: JSONValue {
        ["type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$"]
    }
    public static var example: JSONValue { "01JDABCDEFGHJKMNPQRSTVWXYZ" }

    public init(value: UInt128) {
        self.value = value
    }

    /// Small letters are accepted, and written back as capitals.
    public init(_ text: String) throws(ValueError) {
        let digits = text.utf8.map(Self.digit)
        // The first digit holds three bits only: 26 digits have two bits more than the value.
        guard digits.count == 26, let first = digits[0], first < 8 else { throw Self.refusal(text) }
        var value: UInt128 = 0
        for digit in digits {
            guard let digit else { throw Self.refusal(text) }
            value = value << 5 | UInt128(digit)
        }
        self.value = value
    }

    private static func refusal(_ text: String) -> ValueError {
        ValueError("\(text.quoted) is not an agent id, which is a ULID of 26 letters and digits")
    }

    public var text: String {
        let digits = stride(from: 125, through: 0, by: -5).map { Self.alphabet[Int(value >> UInt128($0) & 31)] }
        return String(decoding: digits, as: UTF8.self)
    }

    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// The five bits of a digit of base 32, capital or small; nil for any other byte.
    static func digit(_ byte: UInt8) -> UInt8? {
        let capital = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte - 32 : byte
        return alphabet.firstIndex(of: capital).map(UInt8.init)
    }
}

/// Makes agent ids that always grow, also within a millisecond and when the clock is set back.
public struct AgentIDGenerator: Sendable {
    private var last: AgentID

    /// `last` is the newest id given out before, if any: ids stay in order across restarts.
    public init(last: AgentID? = nil) {
        self.last = last ?? AgentID(value: 0)
    }

    public mutating func next(at time: Timestamp) -> AgentID {
        var random = SystemRandomNumberGenerator()
        return next(at: time, using: &random)
    }

    public mutating func next(at time: Timestamp, using random: inout some RandomNumberGenerator) -> AgentID {
        let milliseconds = UInt128(UInt64(max(0, time.nanoseconds / 1_000_000)) & 0xFFFF_FFFF_FFFF)
        let fresh = milliseconds << 80 | UInt128.random(in: 0..<(1 << 80), using: &random)
        last = fresh > last.value ? AgentID(value: fresh) : AgentID(value: last.value &+ 1)
        return last
    }
}
