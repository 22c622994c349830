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
    /// The control sequence that is being read: nil outside, else what came after `ESC [`; `[0x1B]` after ESC alone.
    private var sequence: [UInt8]?

    /// Follows the output, cut anywhere.
    mutating func note(_ bytes: [UInt8]) {
        for byte in bytes {
            switch (sequence, byte) {
            case (_, 0x1B): sequence = [0x1B]
            case (nil, _): break
            case ([0x1B]?, UInt8(ascii: "[")): sequence = []
            case ([0x1B]?, _): sequence = nil
            case (let parameters?, 0x20...0x3F):
                sequence = parameters.count < 64 ? parameters + [byte] : nil
            case (let parameters?, _):
                sequence = nil
                finish(String(decoding: parameters, as: UTF8.self), final: byte)
            }
        }
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
        var text = ""
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
        // synchronised output, modifyOtherKeys.
        for mode in [9, 1000, 1002, 1003, 1005, 1006, 1015, 1016, 2004, 1004, 2031, 2048, 1, 2026] {
            text += "\u{1B}[?\(mode)l"
        }
        text += "\u{1B}>\u{1B}[>4;0m"
        // Insertion, line feeds that return, reverse video, margins; line wrap, the cursor and its shape, the character
        // set, colours.
        text += "\u{1B}[4l\u{1B}[20l\u{1B}[?5l\u{1B}[?69l\u{1B}[?7h\u{1B}[?25h\u{1B}[0 q\u{1B}(B\u{0F}\u{1B}[0m"
        return Array(text.utf8)
    }
}
