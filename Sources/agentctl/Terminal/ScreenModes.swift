// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Which of a terminal's modes the output so far has left on, as far as turning them off blindly would do harm: leaving
/// the alternate screen, origin mode or a scroll region moves the cursor also when one is not there, and popping keyboard
/// modes takes the shell's own. What cannot be told, as terminals would read it in more ways than one, may have been that.
struct ScreenModes: Equatable {
    /// What has the terminal keep its window's title, to get it back in the end.
    static let savingTitle = Array("\u{1B}[22;0t".utf8)

    private(set) var isAlternateScreen = false
    /// Keyboard modes pushed by the kitty protocol and not popped: each screen has a stack of its own.
    private var pushedOnMain = 0
    private var pushedOnAlternate = 0
    /// Keyboard modes of that protocol were set without being pushed.
    private(set) var hasSetKeyboardModes = false
    /// A part of the screen scrolls by itself, or counts lines from its own top.
    private(set) var hasRegion = false
    /// Colours have been given other values (OSC 4, 5, 10 to 19). Who has chosen some for their shell keeps them otherwise.
    private(set) var hasColours = false
    /// Titles that the terminal keeps.
    private(set) var pushedTitles = 0
    private(set) var hasTabStops = false
    /// Another coding than UTF-8 may be on; a terminal that has another of its own keeps it otherwise.
    private(set) var hasCoding = false
    /// The terminal may take other sequences than these (DECANM).
    private(set) var isVT52 = false
    /// The terminal has been asked something, or told to report, and may yet send what nobody has typed.
    private(set) var hasAnswers = false
    /// Of `usual`, what is not so.
    private var unusual: Set<Int> = []
    private var scanner = EscapeScanner()

    /// Private modes on which terminals do not agree at first, as most have them: auto repeat, a blinking cursor, reverse
    /// wrap, the wheel as cursor keys, what Meta, Num Lock, Delete and Alt do to keys, urgent bells.
    private static let usual: [(mode: Int, isOn: Bool)] = [
        (8, true), (12, false), (45, false), (1007, true), (1034, true), (1035, true), (1036, true), (1037, false),
        (1039, false), (1042, false),
    ]

    /// What is so in every terminal at first.
    private static let atFirst =
        // Mouse reports in all their forms, paste, focus, colour scheme and size reports, keys of Windows, cursor keys,
        // synchronised output.
        [9, 1000, 1002, 1003, 1005, 1006, 1015, 1016, 2004, 1004, 2031, 2048, 9001, 1, 2026].map { "\u{1B}[?\($0)l" }
        // Keypad, XTMODKEYS, links.
        + ["\u{1B}>"] + (0...7).map { "\u{1B}[>\($0)m" } + ["\u{1B}]8;;\u{1B}\\"]
        // A locked keyboard, insertion, local echo, line feeds that return.
        + ["\u{1B}[2l", "\u{1B}[4l", "\u{1B}[12h", "\u{1B}[20l"]
        // Reverse video, margins; line wrap, the cursor and its shape, protected text, the character set, colours.
        + ["\u{1B}[?5l", "\u{1B}[?69l", "\u{1B}[?7h", "\u{1B}[?25h", "\u{1B}[0 q", "\u{1B}[0\"q"]
        + ["\u{1B}(B\u{0F}", "\u{1B}[0m"]

    /// One every eight columns, which not every terminal can set at once (DECST8C).
    private static func tabStops(_ columns: Int) -> String {
        let stops = stride(from: 9, through: columns, by: 8).map { "\u{1B}[\($0)G\u{1B}H" }.joined()
        return "\u{1B}7\u{1B}[3g\(stops)\u{1B}8\u{1B}[?5W"
    }

    /// Modes in which a terminal reports what happens to it: mouse, focus, colour scheme, size.
    private static let reporting: Set<Int> = [9, 1000, 1001, 1002, 1003, 1004, 2031, 2048]

    /// Follows the output, cut anywhere.
    mutating func note(_ bytes: [UInt8]) {
        // The scanner apart, since it is changed while the rest of this is.
        var scanner = scanner
        scanner.scan(bytes) { token in
            switch token {
            case .text: break
            // ENQ and DECID.
            case .control(0x05), .escape([], UInt8(ascii: "Z")): hasAnswers = true
            case .control: break
            case .escape([], UInt8(ascii: "H")): hasTabStops = true
            case .escape(let intermediates, _): if intermediates.first == UInt8(ascii: "%") { hasCoding = true }
            case .string(UInt8(ascii: "]"), let command): note(command: command)
            // DECRQSS, XTGETTCAP, pictures of the kitty protocol.
            case .string: hasAnswers = true
            case .sequence(let bytes, let final):
                if let sequence = bytes.flatMap({ ControlSequence($0) }) {
                    note(sequence, final)
                } else {
                    noteUnclear(final)
                }
            }
        }
        self.scanner = scanner
    }

    /// Of a long command the beginning is enough. What asks for a colour changes none.
    private mutating func note(command: [UInt8]) {
        if command.contains(UInt8(ascii: "?")) { hasAnswers = true }
        let fields = command.split(separator: UInt8(ascii: ";"))
        guard fields.count > 1 || command.count < EscapeScanner.mostOfString else { return hasColours = true }
        guard let number = fields.first.flatMap({ Int(String(decoding: $0, as: UTF8.self)) }),
            number == 4 || number == 5 || 10...19 ~= number
        else { return }
        let values = fields.dropFirst(number < 10 ? 2 : 1)
        if values.contains(where: { $0 != [UInt8(ascii: "?")] }) { hasColours = true }
    }

    private mutating func note(_ sequence: ControlSequence, _ final: UInt8) {
        let first = sequence.parameters[0]
        switch (sequence.prefix.map { Character(Unicode.Scalar($0)) }, Character(Unicode.Scalar(final))) {
        case ("?", "h") where sequence.intermediates.isEmpty: for mode in sequence.parameters { set(mode, true) }
        case ("?", "l") where sequence.intermediates.isEmpty: for mode in sequence.parameters { set(mode, false) }
        case (nil, "r") where sequence.intermediates.isEmpty: hasRegion = true
        case ("=", "u"): hasSetKeyboardModes = true
        case (">", "u"): push(1)
        case ("<", "u"): push(-max(first, 1))
        // Those that count the icon's name.
        case (nil, "t") where first == 22:
            if sequence.parameters.dropFirst().first != 1 { pushedTitles = min(pushedTitles + 1, 32) }
        case (nil, "t") where first == 23:
            if sequence.parameters.dropFirst().first != 1 { pushedTitles = max(0, pushedTitles - 1) }
        case (_, "g"), (_, "W"): hasTabStops = true
        // Reports of state, place, kind, window, modes, name, settings, keys, pictures and areas.
        case (_, "n"), (_, "c"), (_, "t"), (_, "x"), (_, "p"), (">", "q"), ("?", "u"), ("?", "m"), ("?", "S"), (_, "w"),
            (_, "y"):
            hasAnswers = true
        default: break
        }
    }

    private mutating func push(_ count: Int) {
        if isAlternateScreen {
            pushedOnAlternate = min(max(0, pushedOnAlternate + count), 32)
        } else {
            pushedOnMain = min(max(0, pushedOnMain + count), 32)
        }
    }

    private mutating func set(_ mode: Int, _ isOn: Bool) {
        switch mode {
        case 2: isVT52 = !isOn
        case 6: hasRegion = true
        case 47, 1047, 1049: isAlternateScreen = isOn
        default:
            if isOn, Self.reporting.contains(mode) { hasAnswers = true }
            guard let usual = Self.usual.first(where: { $0.mode == mode }) else { return }
            if isOn == usual.isOn { unusual.remove(mode) } else { unusual.insert(mode) }
        }
    }

    private mutating func noteUnclear(_ final: UInt8) {
        switch final {
        case UInt8(ascii: "h"), UInt8(ascii: "l"):
            (isAlternateScreen, hasRegion, isVT52) = (true, true, true)
            unusual = Set(Self.usual.map(\.mode))
        case UInt8(ascii: "r"): hasRegion = true
        case UInt8(ascii: "u"): hasSetKeyboardModes = true
        case UInt8(ascii: "g"), UInt8(ascii: "W"): hasTabStops = true
        default: break
        }
        hasAnswers = true
    }

    /// What makes the terminal fit for a shell again. But for the modes above it is harmless where nothing was set.
    func reset(columns: Int = 80) -> [UInt8] {
        // Whatever sequence or string the output ends in the middle of.
        var text = "\u{18}\u{1B}\\"
        if isVT52 { text += "\u{1B}<" }
        if hasCoding { text += "\u{1B}%G" }
        if isAlternateScreen { text += keyboard(pushedOnAlternate) }
        // That moves the cursor; the alternate screen's end brings it back, else it goes below all there is.
        if hasRegion { text += "\u{1B}[?6l\u{1B}[r" }
        if isAlternateScreen {
            text += "\u{1B}[?1049l"
        } else if hasRegion {
            text += "\u{1B}[999;1H\r\n"
        }
        text += keyboard(pushedOnMain)
        text += Self.atFirst.joined()
        for (mode, isOn) in Self.usual where unusual.contains(mode) { text += "\u{1B}[?\(mode)\(isOn ? "h" : "l")" }
        if hasTabStops { text += Self.tabStops(columns) }
        if hasColours {
            for command in [104, 105] + Array(110...119) { text += "\u{1B}]\(command)\u{1B}\\" }
        }
        text += String(repeating: "\u{1B}[23;0t", count: pushedTitles)
        return Array(text.utf8)
    }
    /// What takes back the keyboard modes of the screen that is shown.
    private func keyboard(_ pushed: Int) -> String {
        (pushed > 0 ? "\u{1B}[<\(pushed)u" : "") + (hasSetKeyboardModes ? "\u{1B}[=0u" : "")
    }
}
