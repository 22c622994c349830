// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Metrics as text, in the format of OpenMetrics 1.0 (https://openmetrics.io; the exposition's `# EOF` included).
struct OpenMetricsText {
    enum Kind: String {
        case counter, gauge, info, histogram
    }

    struct Sample {
        var labels: [(name: String, value: String)] = []
        var value: Double
    }

    private(set) var text = ""

    /// Adds a family of gauges or counters, or an info.
    ///
    /// - Parameters:
    ///   - name: without the suffix that its kind brings (`_total`, `_info`); ends in the unit, if there is one.
    ///   - unit: a word of the format's, such as `seconds` or `bytes`.
    mutating func add(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String, _ samples: [Sample]) {
        begin(name, kind, unit, help)
        let suffix =
            switch kind {
            case .counter: "_total"
            case .info: "_info"
            case .gauge, .histogram: ""
            }
        for sample in samples { line(name + suffix, sample.labels, Self.number(sample.value)) }
    }

    mutating func add(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String, _ value: Double) {
        add(name, kind, unit: unit, help, [Sample(value: value)])
    }

    /// Adds a family of histograms of seconds, one for each value of a label.
    mutating func add(_ name: String, _ help: String, by label: String, _ histograms: [(String, Histogram)]) {
        begin(name, .histogram, "seconds", help)
        for (value, histogram) in histograms {
            var count: UInt64 = 0
            for (bound, own) in zip(Histogram.bounds.map(Self.number) + ["+Inf"], histogram.counts) {
                count += own
                line("\(name)_bucket", [(label, value), ("le", bound)], "\(count)")
            }
            line("\(name)_count", [(label, value)], "\(count)")
            line("\(name)_sum", [(label, value)], Self.number(histogram.sum))
        }
    }

    mutating func end() { text += "# EOF\n" }

    private mutating func begin(_ name: String, _ kind: Kind, _ unit: String?, _ help: String) {
        text += "# TYPE \(name) \(kind.rawValue)\n"
        if let unit { text += "# UNIT \(name) \(unit)\n" }
        text += "# HELP \(name) \(Self.escaped(help))\n"
    }

    private mutating func line(_ name: String, _ labels: [(name: String, value: String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

/// How long things took, in classes.
struct Histogram: Equatable, Sendable {
    /// In seconds; the last class is of all that took longer.
    static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    private(set) var sum = 0.0

    mutating func add(_ seconds: Double) {
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }
}
