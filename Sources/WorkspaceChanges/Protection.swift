// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Paths whose content the owner's own programs execute or believe, so that an agent's change of them is not applied
/// in passing.
package struct Protection: Sendable {
    /// Why a change is refused: for programs, and for people.
    struct Objection: Equatable {
        var code: String
        var message: String

        static func protected(_ message: String) -> Objection { Objection(code: "protected", message: message) }
        static func repository(_ message: String) -> Objection { Objection(code: "repository", message: message) }
    }

    private let patterns: [[[UInt8]]]

    /// `paths` are relative, and stand for what is at that path in the workspace or in any directory of it.
    package init(_ paths: [WorkspacePath]) {
        patterns = paths.map { $0.names.map(Protection.folded) }
    }

    func objection(to change: Change) -> Objection? {
        let names = change.path.names.map(Protection.folded)
        if let objection = gitObjection(names, change) { return objection }
        for pattern in patterns {
            for start in names.indices {
                let rest = names[start...]
                if rest.starts(with: pattern) { return .protected("it is protected") }
                // A link in place of a directory decides what is at the protected path below it.
                if change.new?.kind == .symlink, rest.count < pattern.count, pattern.starts(with: rest) {
                    return .protected("what lies below it is protected, and a link would lead that elsewhere")
                }
            }
        }
        return nil
    }

    /// What git executes or reads commands from, in the repository and in those nested in it.
    private func gitObjection(_ names: [[UInt8]], _ change: Change) -> Objection? {
        guard let git = names.firstIndex(of: Protection.git) else { return nil }
        let inside = names[(git + 1)...]
        if inside.contains(Protection.git) { return .repository("a repository in a repository's own directory") }
        if inside.isEmpty, change.status != .mode, change.status != .deleted {
            return .repository("a new repository, whose settings and hooks git would execute")
        }
        for name in inside {
            // Branches and objects have names of the agent's choice, and nothing in them is executed.
            if Protection.gitData.contains(name) { return nil }
            if Protection.gitCode.contains(name) { return .protected("git executes what it says") }
        }
        return nil
    }

    /// Case is no difference on some file systems, and git and editors think so too.
    private static func folded(_ name: ArraySlice<UInt8>) -> [UInt8] {
        name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    private static let git = Array(".git".utf8)
    private static let gitData = Set(["refs", "logs", "objects"].map { Array($0.utf8) })
    private static let gitCode = Set(
        // A rebase that is to be continued executes commands of its list.
        ["hooks", "config", "config.worktree", "commondir", "rebase-merge", "rebase-apply"].map { Array($0.utf8) })
}
