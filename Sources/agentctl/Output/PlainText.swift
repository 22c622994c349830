// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Makes text from agents, and from files that agents can write, harmless for a terminal.
enum PlainText {
    /// Replaces what a terminal acts upon instead of showing it: control characters (with ESC and C1 among them), line
    /// separators, and the marks that turn the direction of text around them (CVE-2021-42574).
    static func plain(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: acts) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(acts(scalar) ? "\u{FFFD}" : scalar) }
        return String(scalars)
    }

    /// The same for text of several lines.
    static func plainLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { plain(String($0)) }.joined(separator: "\n")
    }

    /// Text of files, as it is but for what a terminal acts upon, which is shown as less(1) does: `^M` for a carriage return,
    /// `<U+202E>` for what has no such letter. Tabs and line ends stay.
    static func visible(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A: result.unicodeScalars.append(scalar)
            case 0..<0x20, 0x7F: result += "^\(Unicode.Scalar(UInt8(scalar.value ^ 0x40)))"
            case _ where acts(scalar):
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "<U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)>"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }
}
