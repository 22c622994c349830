// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What a word in a table is, beyond what it says. Colour never says anything that the word does not.
enum Style: String, Sendable {
    case good = "32"
    case waiting = "33"
    case bad = "31"
    case faint = "2"
    case strong = "1"
}

/// Colours, or none.
struct Palette: Sendable {
    static let none = Palette(isOn: false)

    let isOn: Bool

    /// Plain text in its colour, which ends with it.
    func paint(_ text: String, _ style: Style?) -> String {
        guard isOn, let style, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }
}
