// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// How characters are drawn that are written now.
struct Pen: Hashable {
    var foreground = Color.ofTerminal
    var background = Color.ofTerminal
    var style = Style()
    /// What hardly any cell has: one more than its number in the canvas's table, 0 for nothing.
    var decoration: UInt16 = 0

    struct Style: OptionSet, Hashable {
        let rawValue: UInt16

        static let bold = Style(rawValue: 1 << 0)
        static let faint = Style(rawValue: 1 << 1)
        static let italic = Style(rawValue: 1 << 2)
        static let blink = Style(rawValue: 1 << 3)
        static let reverse = Style(rawValue: 1 << 4)
        static let conceal = Style(rawValue: 1 << 5)
        static let strike = Style(rawValue: 1 << 6)
        static let overline = Style(rawValue: 1 << 7)
        /// Against selective erasing (DECSCA). No attribute of SGR's, and not reset by it.
        static let protected = Style(rawValue: 1 << 8)
        static let underlines = Style(rawValue: 7 << 9)

        /// 0 for none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed.
        var underline: Int {
            get { Int(rawValue >> 9 & 7) }
            set { self = Style(rawValue: rawValue & ~(7 << 9) | UInt16(min(newValue, 5)) << 9) }
        }
    }
}
