// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Yams

/// A configuration file's text, by line and column as libyaml counts them.
struct SourceText {
    let file: String
    private let lines: [[Unicode.Scalar]]

    /// - Throws: when a character is not text, or would be a line break to libyaml and not to an editor.
    init(_ text: String, file: String) throws(ProfileProblems) {
        self.file = file
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        let findings = Findings()
        for (line, scalars) in lines.enumerated() {
            for (column, scalar) in scalars.enumerated() where !Self.isText(scalar) {
                let code = "U+" + String(scalar.value, radix: 16, uppercase: true)
                let hint = scalar == "\r" ? "; lines end with a newline alone" : ""
                findings.add(
                    SourcePosition(file: file, line: line + 1, column: column + 1),
                    "the character \(code) does not belong in a configuration file\(hint)")
                break
            }
        }
        try findings.conclude(())
    }

    private static func isText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: true
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF: false
        default: true
        }
    }

    func position(_ mark: Mark?) -> SourcePosition {
        SourcePosition(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    func character(at position: SourcePosition) -> Unicode.Scalar? {
        guard lines.indices.contains(position.line - 1) else { return nil }
        let line = lines[position.line - 1]
        return line.indices.contains(position.column - 1) ? line[position.column - 1] : nil
    }

    /// Refuses a text that may hold an alias, before anything composes it: an alias stands for a whole tree, and the
    /// parser hashes mapping keys, so that a few hundred bytes of aliases to aliases would keep it busy for years.
    ///
    /// This looks at characters, not at YAML, and so also refuses a quoted or block text that holds both `&name` and
    /// `*name` with one and the same name. No alias gets by it.
    func refuseAliases() throws(ProfileProblems) {
        let anchors = Set(words(after: "&").map(\.value))
        let findings = Findings()
        for alias in words(after: "*") where anchors.contains(alias.value) {
            findings.add(alias.position, "anchors and aliases (&\(alias.value), *\(alias.value)) are not supported")
        }
        try findings.conclude(())
    }

    private func words(after sign: Unicode.Scalar) -> [Located<String>] {
        var words: [Located<String>] = []
        for (number, line) in lines.enumerated() {
            for (column, scalar) in line.enumerated() where scalar == sign {
                var word = String.UnicodeScalarView()
                word.append(contentsOf: line[(column + 1)...].prefix(while: Self.isAnchorCharacter))
                guard !word.isEmpty else { continue }
                words.append(
                    Located(String(word), SourcePosition(file: file, line: number + 1, column: column + 1)))
            }
        }
        return words
    }

    /// libyaml's IS_ALPHA.
    private static func isAnchorCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }
}
