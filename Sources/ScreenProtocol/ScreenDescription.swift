// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What a terminal shows, and how it would take input. Rows and columns count from 0, so that `lines[cursor.row]` is the
/// cursor's line.
package struct ScreenDescription: Codable, Sendable, Equatable {
    package var size: ScreenSize
    /// As last set by the program; nil if it never was.
    package var title: String?
    package var iconTitle: String?
    package var cursor: Cursor
    /// The text of every row, from the top, without what is blank at its end. A wide character stands once; characters
    /// that combine follow the one that they belong to.
    package var lines: [String]
    package var modes: Modes
    /// How many lines that have scrolled off the main screen are kept.
    package var history: Int

    package struct Cursor: Codable, Sendable, Equatable {
        package var row: Int
        /// The column that the next character goes to, unless `pendingWrap`.
        package var column: Int
        /// The last column was written to, and the next character goes to the next line.
        package var pendingWrap: Bool
        package var visible: Bool
        package var shape: Shape
        package var blinking: Bool

        package enum Shape: String, Codable, Sendable { case block, underline, bar }

        package init(row: Int, column: Int, pendingWrap: Bool, visible: Bool, shape: Shape, blinking: Bool) {
            self.row = row
            self.column = column
            self.pendingWrap = pendingWrap
            self.visible = visible
            self.shape = shape
            self.blinking = blinking
        }
    }

    package struct Modes: Codable, Sendable, Equatable {
        package var alternateScreen = false
        package var applicationCursorKeys = false
        package var applicationKeypad = false
        package var autowrap = true
        package var bracketedPaste = false
        package var focusReporting = false
        package var insert = false
        package var newline = false
        package var origin = false
        package var reverseVideo = false
        package var synchronizedOutput = false
        package var mouse = Mouse.off
        package var mouseEncoding = MouseEncoding.legacy
        /// The flags of the kitty keyboard protocol in force (`CSI > flags u`), 0 for none.
        package var keyboardFlags = 0
        /// xterm's modifyOtherKeys, 0 to 2.
        package var modifyOtherKeys = 0

        /// Which events of the mouse the program asks for: presses alone (mode 9), clicks (1000), drags too (1002), all
        /// motion (1003).
        package enum Mouse: String, Codable, Sendable { case off, press, click, drag, move }

        package enum MouseEncoding: String, Codable, Sendable { case legacy, utf8, sgr, urxvt, sgrPixels }

        package init() {}
    }

    package init(
        size: ScreenSize, title: String?, iconTitle: String?, cursor: Cursor, lines: [String], modes: Modes,
        history: Int
    ) {
        self.size = size
        self.title = title
        self.iconTitle = iconTitle
        self.cursor = cursor
        self.lines = lines
        self.modes = modes
        self.history = history
    }
}
