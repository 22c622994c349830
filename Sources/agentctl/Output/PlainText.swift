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

    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }
}
