// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Which of a terminal's modes the output so far has left on, as far as turning them off blindly would do harm: leaving
/// the alternate screen, origin mode or a scroll region moves the cursor also when one is not there, and popping keyboard
/// modes takes the shell's own.
struct ScreenModes: Equatable {
    private(set) var isAlternateScreen = false
    /// Keyboard modes pushed by the kitty protocol and not popped.
    private(set) var pushedKeyboardModes = 0
    /// Keyboard modes of that protocol were set without being pushed.
    private(set) var hasSetKeyboardModes = false
    /// A part of the screen scrolls by itself, or counts lines from its own top.
    private(set) var hasRegion = false
    /// Colours have been given other values (OSC 4, 10 to 19). Who has chosen some for their shell keeps them otherwise.
    private(set) var hasColours = false
    /// What is being read.
    private var state = State.text

    private enum State: Equatable {
        case text, escape
        /// After `ESC [`, what of it has come.
        case sequence([UInt8])
        /// After `ESC ]`, what of it has come.
        case command([UInt8])
    }

    /// Follows the output, cut anywhere.
    mutating func note(_ bytes: [UInt8]) {
        for byte in bytes {
            switch (state, byte) {
            case (.command(let command), 0x1B):
                state = .escape
                finish(command)
            case (_, 0x1B): state = .escape
            case (.text, _): break
            case (.escape, UInt8(ascii: "[")): state = .sequence([])
            case (.escape, UInt8(ascii: "]")): state = .command([])
            case (.escape, _): state = .text
            case (.sequence(let parameters), 0x20...0x3F):
                state = parameters.count < 64 ? .sequence(parameters + [byte]) : .text
            case (.sequence(let parameters), _):
                state = .text
                finish(String(decoding: parameters, as: UTF8.self), final: byte)
            case (.command(let command), 0x20...) where command.count < 64: state = .command(command + [byte])
            case (.command(let command), _):
                state = .text
                finish(command)
            }
        }
    }

    /// Of a long command the beginning is enough. What asks for a colour changes none.
    private mutating func finish(_ command: [UInt8]) {
        let fields = String(decoding: command, as: UTF8.self).split(separator: ";")
        guard let number = fields.first.flatMap({ Int($0) }), number == 4 || 10...19 ~= number else { return }
        let values = fields.dropFirst(number == 4 ? 2 : 1)
        if values.contains(where: { $0 != "?" }) { hasColours = true }
    }

    private mutating func finish(_ parameters: String, final: UInt8) {
        let rest = parameters.dropFirst()
        switch (parameters.first, final) {
        case ("?", UInt8(ascii: "h")), ("?", UInt8(ascii: "l")):
            let modes = rest.split(separator: ";")
            if modes.contains(where: { ["47", "1047", "1049"].contains($0) }) {
                isAlternateScreen = final == UInt8(ascii: "h")
            }
            if modes.contains("6") { hasRegion = true }
        case (_, UInt8(ascii: "r")) where parameters.allSatisfy { $0.isNumber || $0 == ";" }: hasRegion = true
        case ("=", UInt8(ascii: "u")): hasSetKeyboardModes = true
        case (">", UInt8(ascii: "u")): pushedKeyboardModes = min(pushedKeyboardModes + 1, 32)
        case ("<", UInt8(ascii: "u")):
            pushedKeyboardModes = max(0, pushedKeyboardModes - (rest.isEmpty ? 1 : Int(rest) ?? 1))
        default: break
        }
    }

    /// What makes the terminal fit for a shell again. But for the modes above it is harmless where nothing was set.
    var reset: [UInt8] {
        // Whatever sequence or string the output ends in the middle of.
        var text = "\u{18}\u{1B}\\"
        // The alternate screen keeps a stack of keyboard modes of its own, so pop before leaving it.
        if pushedKeyboardModes > 0 { text += "\u{1B}[<\(pushedKeyboardModes)u" }
        if hasSetKeyboardModes { text += "\u{1B}[=0u" }
        // That moves the cursor; the alternate screen's end brings it back, else it goes below all there is.
        if hasRegion { text += "\u{1B}[?6l\u{1B}[r" }
        if isAlternateScreen {
            text += "\u{1B}[?1049l"
        } else if hasRegion {
            text += "\u{1B}[999;1H\r\n"
        }
        // Mouse reports in all their forms, paste, focus, colour scheme and size reports, cursor keys, keypad,
        // synchronised output, XTMODKEYS, links.
        for mode in [9, 1000, 1002, 1003, 1005, 1006, 1015, 1016, 2004, 1004, 2031, 2048, 1, 2026] {
            text += "\u{1B}[?\(mode)l"
        }
        text += "\u{1B}>"
        for resource in 0...7 { text += "\u{1B}[>\(resource)m" }
        text += "\u{1B}]8;;\u{1B}\\"
        if hasColours {
            for command in [104] + Array(110...119) { text += "\u{1B}]\(command)\u{1B}\\" }
        }
        // Insertion, line feeds that return, reverse video, margins; line wrap, the cursor and its shape, the character
        // set, colours.
        text += "\u{1B}[4l\u{1B}[20l\u{1B}[?5l\u{1B}[?69l\u{1B}[?7h\u{1B}[?25h\u{1B}[0 q\u{1B}(B\u{0F}\u{1B}[0m"
        return Array(text.utf8)
    }
}
