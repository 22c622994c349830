// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Numbers as a column of a table has room for them.
enum ShortNumber {
    /// In powers of 1024, three digits at most: `0`, `512`, `1.5K`, `23M`, `1.2G`.
    static func bytes(_ count: Double) -> String {
        guard count.isFinite, count >= 0 else { return "-" }
        var value = count
        var units = ["", "K", "M", "G", "T", "P", "E"][...]
        while value >= 999.5, units.count > 1 {
            value /= 1024
            units = units.dropFirst()
        }
        let unit = units.first ?? ""
        return unit.isEmpty || value >= 9.95 ? "\(Int64(clamping: value.rounded()))\(unit)" : "\(tenths(value))\(unit)"
    }

    /// With one decimal: `12.3`.
    static func tenths(_ value: Double) -> String {
        let tenths = Int64(clamping: (value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\((tenths / 10).magnitude).\((tenths % 10).magnitude)"
    }
}

extension Int64 {
    /// The nearest there is; 0 for what is no number.
    fileprivate init(clamping value: Double) {
        self = value.isNaN ? 0 : value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : Int64(value)
    }
}
