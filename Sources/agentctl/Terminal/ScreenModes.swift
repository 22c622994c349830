// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Which of a terminal's modes the output so far has left on, as far as turning them off blindly would do harm: leaving
/// the alternate screen moves the cursor also when one is not there, and popping keyboard modes takes the shell's own.
struct ScreenModes: Equatable {
    private(set) var isAlternateScreen = false
    /// Keyboard modes pushed by the kitty protocol and not popped.
    private(set) var pushedKeyboardModes = 0
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
            if rest.split(separator: ";").contains(where: { ["47", "1047", "1049"].contains($0) }) {
                isAlternateScreen = final == UInt8(ascii: "h")
            }
        case (">", UInt8(ascii: "u")): pushedKeyboardModes = min(pushedKeyboardModes + 1, 32)
        case ("<", UInt8(ascii: "u")):
            pushedKeyboardModes = max(0, pushedKeyboardModes - (rest.isEmpty ? 1 : Int(rest) ?? 1))
        default: break
        }
    }

    /// What makes the terminal fit for a shell again. But for the two modes above it is harmless where nothing was set.
    var reset: [UInt8] {
        var text = ""
        // The alternate screen keeps a stack of keyboard modes of its own, so pop before leaving it.
        if pushedKeyboardModes > 0 { text += "\u{1B}[<\(pushedKeyboardModes)u" }
        if isAlternateScreen { text += "\u{1B}[?1049l" }
        // Mouse, paste and focus reports, cursor keys, keypad, synchronised output, modifyOtherKeys.
        text += "\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1003l\u{1B}[?1006l\u{1B}[?2004l\u{1B}[?1004l\u{1B}[?1l\u{1B}>"
        text += "\u{1B}[?2026l\u{1B}[>4;0m"
        // Line wrap, the cursor and its shape, the character set, colours.
        text += "\u{1B}[?7h\u{1B}[?25h\u{1B}[0 q\u{1B}(B\u{0F}\u{1B}[0m"
        return Array(text.utf8)
    }
}
