// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The few settings of a git configuration file (git-config(1)) that say where else git finds what it runs.
package struct GitSettings: Equatable {
    /// What a repository's own directory has in it, and no submodule's name begins with.
    package static let ownDirectories: Set<String> = [
        "hooks", "info", "lfs", "logs", "modules", "objects", "refs", "rr-cache", "worktrees",
    ]

    /// What makes git take a directory for a repository, or leads it to one.
    package static let ownNames = ["HEAD", "commondir", "config", "hooks", "objects", "refs"]

    /// core.hooksPath
    package private(set) var hooksPaths: [String] = []
    /// include.path, includeIf.….path
    package private(set) var includes: [String] = []
    /// submodule.….path
    package private(set) var submodules: [String] = []
    /// extensions.worktreeConfig is there, whatever it says.
    package var hasWorktreeSettings = false

    package init() {}

    /// Takes what it understands; git itself refuses a file that has more wrong with it.
    package init(_ text: String) {
        var section = ""
        // A line that ends in a backslash goes on in the next.
        let joined = text.replacing("\r\n", with: "\n").replacing("\\\n", with: "")
        for line in joined.split(separator: "\n") {
            var line = line.drop { $0 == " " || $0 == "\t" }
            if line.first == "[", let end = GitSettings.endOfSection(line) {
                section = line[line.index(after: line.startIndex)..<end].lowercased()
                line = line[line.index(after: end)...].drop { $0 == " " || $0 == "\t" }
            }
            guard let first = line.first, first != "#", first != ";" else { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts[0].filter { $0 != " " && $0 != "\t" }.lowercased()
            take(section, key, parts.count > 1 ? GitSettings.unquoted(parts[1]) : "")
        }
    }

    private mutating func take(_ section: String, _ key: String, _ value: String) {
        // `[section "name"]`, and the older `[section.name]`.
        let name = String(section.prefix { $0 != " " && $0 != "\t" && $0 != "\"" && $0 != "." })
        switch (name, key) {
        case ("core", "hookspath"): hooksPaths.append(value)
        case ("include", "path"), ("includeif", "path"): includes.append(value)
        case ("submodule", "path"): submodules.append(value)
        case ("extensions", "worktreeconfig"): hasWorktreeSettings = true
        default: break
        }
    }

    /// A bracket in quotes belongs to the name.
    private static func endOfSection(_ line: Substring) -> Substring.Index? {
        var isQuoted = false
        var isEscaped = false
        for index in line.indices {
            if isEscaped {
                isEscaped = false
                continue
            }
            switch line[index] {
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case "]" where !isQuoted: return index
            default: break
            }
        }
        return nil
    }

    /// A value without its quotes, escapes and comment.
    private static func unquoted(_ text: Substring) -> String {
        var result = ""
        /// Up to here spaces count: those at the end do not, unless they are quoted.
        var kept = 0
        var isQuoted = false
        var isEscaped = false
        for character in text.drop(while: { $0 == " " || $0 == "\t" }) {
            if isEscaped {
                result.append(character == "n" ? "\n" : character == "t" ? "\t" : character)
                kept = result.count
                isEscaped = false
                continue
            }
            switch character {
            case "\\": isEscaped = true
            case "\"": isQuoted.toggle()
            case "#" where !isQuoted, ";" where !isQuoted: return String(result.prefix(kept))
            default:
                result.append(character)
                if isQuoted || (character != " " && character != "\t") { kept = result.count }
            }
        }
        return String(result.prefix(kept))
    }
}
