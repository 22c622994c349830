// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What a program can switch on and off (SM, RM, DECSET, DECRST).
struct Modes: Equatable {
    /// IRM: characters push those after them to the right.
    var insert = false
    /// LNM: a line feed goes to the line's beginning too.
    var newline = false
    /// DECNKM, `ESC =`.
    var applicationKeypad = false
    /// DECSCUSR as it was given, 0 to 6; 0 is the terminal's own.
    var cursorStyle = 0
    /// 9, 1000, 1002 or 1003, of which one holds at a time; 0 is none.
    private(set) var mouse = 0
    /// 1005, 1006, 1015 or 1016, likewise.
    private(set) var mouseEncoding = 0
    /// The other private modes that are not as they were at first.
    private(set) var changed: [Int: Bool] = [:]

    // No mode is kept but these. An agent may set any, and what a snapshot has of them each of its viewers obeys: xterm
    // draws as a Tektronix terminal after 38, writes a log after 46, and waits for the program after 1001.

    /// Of what is on at first.
    private static let onAtFirst: Set<Int> = [Private.autowrap, Private.cursorVisible]
    /// What terminals do not agree about, so that off has to be kept as well as on.
    private static let undecidedAtFirst: Set<Int> = [8, 1007, 1034, 1035, 1036, 1037, 1039, 1042]
    private static let keptOffAtFirst: Set<Int> = [1, 5, 6, 12, 45, 69, 1004, 2004, 2026, 2027, 2031, 2048]
    /// What is off in any terminal at first, for who has to make sure of it.
    static let offAtFirst = (keptOffAtFirst + [9, 1000, 1001, 1002, 1003, 1005, 1006, 1015, 1016]).sorted()

    enum Private {
        static let applicationCursorKeys = 1
        static let reverseVideo = 5
        static let origin = 6
        static let autowrap = 7
        static let cursorBlink = 12
        static let cursorVisible = 25
        static let applicationKeypad = 66
        static let margins = 69
        static let focusReporting = 1004
        static let bracketedPaste = 2004
        static let synchronizedOutput = 2026
    }

    func isOn(_ mode: Int) -> Bool { changed[mode] ?? Modes.onAtFirst.contains(mode) }

    mutating func set(_ mode: Int, _ isOn: Bool) {
        switch mode {
        case 1001: if !isOn { mouse = 0 }
        case 9, 1000, 1002, 1003: mouse = isOn ? mode : 0
        case 1005, 1006, 1015, 1016: if isOn || mouseEncoding == mode { mouseEncoding = isOn ? mode : 0 }
        case Private.applicationKeypad: applicationKeypad = isOn
        case _ where Modes.undecidedAtFirst.contains(mode): changed[mode] = isOn
        case _ where Modes.onAtFirst.contains(mode): changed[mode] = isOn ? nil : false
        case _ where Modes.keptOffAtFirst.contains(mode): changed[mode] = isOn ? true : nil
        default: break
        }
    }

    /// DECSTR.
    mutating func softReset() {
        insert = false
        applicationKeypad = false
        cursorStyle = 0
        for mode in [Private.applicationCursorKeys, Private.origin, Private.autowrap, Private.cursorVisible] {
            changed[mode] = nil
        }
    }
}
