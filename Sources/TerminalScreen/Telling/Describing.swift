// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ScreenProtocol

extension Terminal {
    /// What shows now.
    package var description: ScreenDescription {
        let cursor = cursor
        return ScreenDescription(
            size: size, title: titles.present.title, iconTitle: titles.present.icon,
            cursor: .init(
                row: cursor.row, column: cursor.column, pendingWrap: cursor.pendingWrap,
                visible: modes.isOn(Modes.Private.cursorVisible), shape: cursorShape, blinking: cursorBlinks),
            lines: canvas.grid.rows.map(text), modes: describedModes, history: canvas.history.count)
    }

    private func text(_ row: Row) -> String {
        var end = min(row.end(of: columns), columns)
        while end > 0, row[end - 1].text.isBlank { end -= 1 }
        var scalars = String.UnicodeScalarView()
        for column in 0..<end {
            let text = row[column].text
            if text == .secondHalf { continue }
            if text.isBlank { scalars.append(" ") } else { scalars.append(contentsOf: canvas.scalars(of: text)) }
        }
        return String(scalars)
    }

    private var cursorShape: ScreenDescription.Cursor.Shape {
        switch modes.cursorStyle {
        case 3, 4: .underline
        case 5, 6: .bar
        default: .block
        }
    }

    private var cursorBlinks: Bool {
        switch modes.cursorStyle {
        case 0: modes.isOn(Modes.Private.cursorBlink)
        case let style: style % 2 == 1
        }
    }

    private var describedModes: ScreenDescription.Modes {
        var described = ScreenDescription.Modes()
        described.alternateScreen = isAlternate
        described.applicationCursorKeys = modes.isOn(Modes.Private.applicationCursorKeys)
        described.applicationKeypad = modes.applicationKeypad
        described.autowrap = modes.isOn(Modes.Private.autowrap)
        described.bracketedPaste = modes.isOn(Modes.Private.bracketedPaste)
        described.focusReporting = modes.isOn(Modes.Private.focusReporting)
        described.insert = modes.insert
        described.newline = modes.newline
        described.origin = modes.isOn(Modes.Private.origin)
        described.reverseVideo = modes.isOn(Modes.Private.reverseVideo)
        described.synchronizedOutput = modes.isOn(Modes.Private.synchronizedOutput)
        described.mouse =
            switch modes.mouse {
            case 9: .press
            case 1000: .click
            case 1002: .drag
            case 1003: .move
            default: .off
            }
        described.mouseEncoding =
            switch modes.mouseEncoding {
            case 1005: .utf8
            case 1006: .sgr
            case 1015: .urxvt
            case 1016: .sgrPixels
            default: .legacy
            }
        described.keyboardFlags = Int((isAlternate ? keyboard.alternate : keyboard.main).present)
        described.modifyOtherKeys = keyboard.modifiers[4] ?? 0
        return described
    }
}
