// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The forms that numbers, sizes and durations have in our files. Each gives nil for anything else.
package enum ConfigurationScalar {
    /// Decimal, without leading zeros or plus sign: `0`, `17`, `-3`. Not `010`, which YAML 1.1 reads as 8, nor `1:30`.
    package static func integer(_ text: String) -> Int64? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard digits == "0" ? text == "0" : !digits.hasPrefix("0") else { return nil }
        return Int64(text)
    }

    /// Bytes: an integer, or one with a suffix of K, M, G or T (powers of 1024).
    package static func byteCount(_ text: String) -> UInt64? {
        let shift =
            switch text.last {
            case "K": 10
            case "M": 20
            case "G": 30
            case "T": 40
            default: 0
            }
        guard let number = integer(shift == 0 ? text : String(text.dropLast())), number >= 0 else { return nil }
        let (bytes, overflow) = UInt64(number).multipliedReportingOverflow(by: 1 << UInt64(shift))
        return overflow || bytes > UInt64(Int64.max) ? nil : bytes
    }

    /// A whole number with a unit: `500ms`, `90s`, `5m`, `2h`, `1d`.
    package static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = integer(String(digits)) else { return nil }
        let milliseconds: Int64? =
            switch text.dropFirst(digits.count) {
            case "ms": 1
            case "s": 1000
            case "m": 60_000
            case "h": 3_600_000
            case "d": 86_400_000
            default: nil
            }
        guard let milliseconds else { return nil }
        let (total, overflow) = number.multipliedReportingOverflow(by: milliseconds)
        // A century. Longer is a slip of the hand, and near the end of Int64 sums of durations would trap.
        guard !overflow, total <= 100 * 366 * 86_400_000 else { return nil }
        return .milliseconds(total)
    }
}
