// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials

/// A moment in nanoseconds since 1970, written as RFC 3339 in UTC with three decimals: `2026-11-20T19:21:05.123Z`.
public struct Timestamp: WireText, Comparable {
    /// Since 1970-01-01T00:00:00Z; reaches from 1677 to 2262. Finer than what is written.
    public var nanoseconds: Int64

    public static var schema: JSONValue { ["type": "string", "format": "date-time"] }
    public static var example: JSONValue { "2026-11-20T19:21:05.123Z" }

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The wall clock, good to about a microsecond.
    public static func now() -> Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) * 1_000)
    }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Any RFC 3339 time: zero to nine decimals, `Z` or an offset. A leap second is taken as the second after it.
    public init(_ text: String) throws(ValueError) {
        guard let nanoseconds = Self.parse(Array(text.utf8)) else {
            throw ValueError("\(text.quoted) is not a time as in RFC 3339, such as 2026-11-20T19:21:05.123Z")
        }
        self.nanoseconds = nanoseconds
    }

    public var text: String {
        let seconds = Self.floored(nanoseconds, 1_000_000_000)
        let days = Self.floored(seconds.quotient, 86_400)
        let (year, month, day) = Self.date(daysSince1970: days.quotient)
        let time = days.remainder
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))T"
            + "\(Self.padded(time / 3600, 2)):\(Self.padded(time / 60 % 60, 2)):\(Self.padded(time % 60, 2))"
            + ".\(Self.padded(seconds.remainder / 1_000_000, 3))Z"
    }

    private static func floored(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    // The two conversions are Howard Hinnant's for the proleptic Gregorian calendar
    // (https://howardhinnant.github.io/date_algorithms.html); years start in March, so that the leap day is the last.
    private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floored(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = floored(month <= 2 ? year - 1 : year, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func parse(_ bytes: [UInt8]) -> Int64? {
        var rest = bytes[...]
        func digits(_ count: Int) -> Int64? {
            let field = rest.prefix(count)
            guard field.count == count, field.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(count)
            return field.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        func take(_ accepted: String) -> UInt8? {
            guard let byte = rest.first, accepted.utf8.contains(byte) else { return nil }
            rest = rest.dropFirst()
            return byte
        }
        guard let year = digits(4), take("-") != nil, let month = digits(2), take("-") != nil, let day = digits(2),
            take("Tt ") != nil, let hour = digits(2), take(":") != nil, let minute = digits(2), take(":") != nil,
            let second = digits(2), (1...12).contains(month), day >= 1, hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        guard date(daysSince1970: days) == (year, month, day) else { return nil }
        var fraction: Int64 = 0
        if take(".") != nil {
            let count = rest.prefix { (0x30...0x39).contains($0) }.count
            guard (1...9).contains(count), let value = digits(count) else { return nil }
            fraction = (count..<9).reduce(value) { value, _ in value * 10 }
        }
        var offset: Int64 = 0
        if take("Zz") == nil {
            guard let sign = take("+-"), let hours = digits(2), take(":") != nil, let minutes = digits(2), hours < 24,
                minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * 60 * (sign == UInt8(ascii: "-") ? -1 : 1)
        }
        guard rest.isEmpty else { return nil }
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (nanoseconds, carried) = scaled.addingReportingOverflow(fraction)
        return overflow || carried ? nil : nanoseconds
    }
}
