// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/screen`: what an agent's terminal shows now. Fails with `invalid_state` for an agent without a terminal.
package enum AgentScreen: Method {
    package static let name = "agent/screen"
    package static let role = Role.viewer
    package static let errors: [ProtocolError.Kind] = [.invalidState, .unsupportedHere]

    package struct Params: Codable, Sendable, Hashable, BoundedMembers {
        package static let bounds = ["row": Bounds(0)]

        package var agent: AgentReference
        /// The first row wanted, counted from 0, of a screen whose rows have not all had room in one answer.
        package var row: Int?

        package init(agent: AgentReference, row: Int? = nil) {
            self.agent = agent
            self.row = row
        }
    }

    /// Rows and columns count from 0.
    package struct Result: Codable, Sendable, Hashable {
        /// All output before this offset is in it.
        package var offset: UInt64
        /// As far as a screen is kept: 1000 columns and rows at most.
        package var size: TerminalSize
        /// What the program calls its window; left out until it has.
        package var title: String?
        /// Where the next character goes.
        package var cursor: Cursor
        /// The text of each row from the first one wanted on, without blanks at its end.
        package var lines: [String]
        /// The row to ask for next, where not all have had room.
        package var next: Int?
        package var modes: Modes

        package init(
            offset: UInt64, size: TerminalSize, title: String?, cursor: Cursor, lines: [String], next: Int?, modes: Modes
        ) {
            self.offset = offset
            self.size = size
            self.title = title
            self.cursor = cursor
            self.lines = lines
            self.next = next
            self.modes = modes
        }
    }

    /// Where the cursor is, and how it looks.
    package struct Cursor: Codable, Sendable, Hashable {
        /// From 0, at the top.
        package var row: Int
        /// From 0, at the left.
        package var column: Int
        /// The program has not hidden it.
        package var visible: Bool
        /// `block`, `underline` or `bar`.
        package var shape: String
        /// The program has asked for that.
        package var blinking: Bool

        package init(row: Int, column: Int, visible: Bool, shape: String, blinking: Bool) {
            self.row = row
            self.column = column
            self.visible = visible
            self.shape = shape
            self.blinking = blinking
        }
    }

    /// What the program has asked of the terminal, as far as it matters to who types or draws.
    package struct Modes: Codable, Sendable, Hashable {
        /// The program has a screen of its own, as editors do.
        package var alternateScreen: Bool
        /// Arrow keys are sent as SS3 sequences (DECCKM).
        package var applicationCursorKeys: Bool
        /// DECKPAM
        package var applicationKeypad: Bool
        /// What is pasted is to be sent within marks.
        package var bracketedPaste: Bool
        /// The program wants to hear of the window's focus.
        package var focusReporting: Bool
        /// `off`, `press`, `click`, `drag` or `move`: what the program wants to hear of the mouse.
        package var mouse: String
        /// `legacy`, `utf8`, `sgr`, `urxvt` or `sgrPixels`.
        package var mouseEncoding: String
        /// Light on dark is dark on light (DECSCNM).
        package var reverseVideo: Bool
        /// The flags of the kitty keyboard protocol; 0 for none.
        package var keyboardFlags: Int

        package init(
            alternateScreen: Bool, applicationCursorKeys: Bool, applicationKeypad: Bool, bracketedPaste: Bool,
            focusReporting: Bool, mouse: String, mouseEncoding: String, reverseVideo: Bool, keyboardFlags: Int
        ) {
            self.alternateScreen = alternateScreen
            self.applicationCursorKeys = applicationCursorKeys
            self.applicationKeypad = applicationKeypad
            self.bracketedPaste = bracketedPaste
            self.focusReporting = focusReporting
            self.mouse = mouse
            self.mouseEncoding = mouseEncoding
            self.reverseVideo = reverseVideo
            self.keyboardFlags = keyboardFlags
        }
    }

    package static func check(_ params: Params) throws(ProtocolError) {
        try Params.check([("row", params.row.map(Double.init))])
    }
}
