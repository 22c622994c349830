// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A text that may be an agent's (the name of a directory, what a file of the workspace says), as a part of a line of
/// ours: without a character that a terminal obeys, that ends the line, or that turns the direction of text.
func visible(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            shown.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
        default: shown.append(scalar)
        }
    }
    return String(shown)
}
