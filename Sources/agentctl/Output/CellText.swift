// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Text that takes as many columns of a terminal as we think, whatever an agent has put into it: a table stays one.
enum CellText {
    /// Marks that combine with one character; a terminal stacks any number of them.
    private static let mostMarks = 2

    /// What a terminal does not act upon and all terminals show with the same width. Tabs become blanks; what joins or
    /// changes other characters without a width of its own goes, since terminals do not agree on it.
    static func plain(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var marks = 0
        for scalar in PlainText.plain(text.replacing("\t", with: " ")).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .format: continue
            case .nonspacingMark, .enclosingMark:
                marks += 1
                // The variation selectors make a narrow character wide on some terminals.
                if marks <= mostMarks, !(0xFE00...0xFE0F).contains(scalar.value), !result.isEmpty {
                    result.append(scalar)
                }
            case .unassigned, .privateUse, .surrogate:
                marks = 0
                result.append("\u{FFFD}")
            default:
                marks = 0
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// How many columns plain text takes.
    static func width(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + width($1) } }

    /// Plain text cut to so many columns, with `…` where it was cut.
    static func cut(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        guard columns > 0 else { return "" }
        var result = String.UnicodeScalarView()
        var left = columns - 1
        for scalar in text.unicodeScalars {
            left -= width(scalar)
            if left < 0 { break }
            result.append(scalar)
        }
        return String(result) + "…"
    }

    /// The same, filled up with blanks.
    static func fit(_ text: String, to columns: Int, isRight: Bool = false) -> String {
        let cut = cut(text, to: columns)
        let blanks = String(repeating: " ", count: max(0, columns - width(cut)))
        return isRight ? blanks + cut : cut + blanks
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // The second and third letters of a Korean syllable are drawn into the first.
        if (0x1160...0x11FF).contains(scalar.value) { return 0 }
        return scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// Wide and fullwidth in Unicode's EastAsianWidth, blocks at a time.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
        0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]
}
