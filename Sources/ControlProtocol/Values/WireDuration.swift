// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A span of time in a request or profile: a whole number and a unit, `500ms`, `90s`, `5m`, `2h`, `1d`.
public struct WireDuration: WireText, Comparable {
    /// 0 to ten years, so that nothing computed from it overflows.
    public let milliseconds: Int64

    public static var schema: JSONValue { ["type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"] }
    public static var example: JSONValue { "90s" }

    private static let maximum: Int64 = 3650 * 86_400_000
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    public init(_ text: String) throws(ValueError) {
        let number = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text[number.endIndex...]
        guard !number.isEmpty, let unit = Self.units.first(where: { $0.suffix == suffix }) else {
            throw ValueError("\(text.quoted) is not a duration, such as 500ms, 90s, 5m, 2h or 1d")
        }
        guard let count = Int64(number), count <= Self.maximum / unit.milliseconds else {
            throw ValueError("\(text.quoted) is longer than ten years")
        }
        milliseconds = count * unit.milliseconds
    }

    /// A negative number counts as 0, one over ten years as ten years.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(0, milliseconds), Self.maximum)
    }

    public var duration: Duration { .milliseconds(milliseconds) }

    /// In the largest unit in which it is whole.
    public var text: String {
        guard milliseconds > 0, let unit = Self.units.first(where: { milliseconds % $0.milliseconds == 0 }) else {
            return "0s"
        }
        return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }

    public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
}
