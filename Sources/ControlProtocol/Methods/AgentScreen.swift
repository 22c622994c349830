// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/screen`: what an agent's terminal shows now. Fails with `invalid_state` for an agent without a terminal.
public enum AgentScreen: Method {
    public static let name = "agent/screen"
    public static let role = Role.viewer
    public static let errors: [ProtocolError.Kind] = [.invalidState, .unsupportedHere]

    public struct Params: Codable, Sendable, Hashable, BoundedMembers {
        public static let bounds = ["row": Bounds(0)]

        public var agent: AgentReference
        /// The first row wanted, counted from 0, of a screen whose rows have not all had room in one answer.
        public var row: Int?

        public init(agent: AgentReference, row: Int? = nil) {
            self.agent = agent
            self.row = row
        }
    }

    /// Rows and columns count from 0.
    public struct Result: Codable, Sendable, Hashable {
        /// All output before this offset is in it.
        public var offset: UInt64
        /// As far as a screen is kept: 1000 columns and rows at most.
        public var size: TerminalSize
        /// What the program calls its window; left out until it has.
        public var title: String?
        /// Where the next character goes.
        public var cursor: Cursor
        /// The text of each row from the first one wanted on, without blanks at its end.
        public var lines: [String]
        /// The row to ask for next, where not all have had room.
        public var next: Int?
        public var modes: Modes

        public init(
            offset: UInt64, size: TerminalSize, title: String?, cursor: Cursor, lines: [String], next: Int?,
            modes: Modes
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
    public struct Cursor: Codable, Sendable, Hashable {
        /// From 0, at the top.
        public var row: Int
        /// From 0, at the left.
        public var column: Int
        /// The program has not hidden it.
        public var visible: Bool
        /// `block`, `underline` or `bar`.
        public var shape: String
        /// The program has asked for that.
        public var blinking: Bool

        public init(row: Int, column: Int, visible: Bool, shape: String, blinking: Bool) {
            self.row = row
            self.column = column
            self.visible = visible
            self.shape = shape
            self.blinking = blinking
        }
    }

    /// What the program has asked of the terminal, as far as it matters to who types or draws.
    public struct Modes: Codable, Sendable, Hashable {
        /// The program has a screen of its own, as editors do.
        public var alternateScreen: Bool
        /// Arrow keys are sent as SS3 sequences (DECCKM).
        public var applicationCursorKeys: Bool
        /// DECKPAM
        public var applicationKeypad: Bool
        /// What is pasted is to be sent within marks.
        public var bracketedPaste: Bool
        /// The program wants to hear of the window's focus.
        public var focusReporting: Bool
        /// `off`, `press`, `click`, `drag` or `move`: what the program wants to hear of the mouse.
        public var mouse: String
        /// `legacy`, `utf8`, `sgr`, `urxvt` or `sgrPixels`.
        public var mouseEncoding: String
        /// Light on dark is dark on light (DECSCNM).
        public var reverseVideo: Bool
        /// The flags of the kitty keyboard protocol; 0 for none.
        public var keyboardFlags: Int

        public init(
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

    public static func check(_ params: Params) throws(ProtocolError) {
        try Params.check([("row", params.row.map(Double.init))])
    }
}
