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
        if change.new?.kind == .symlink {
            return .protected("git writes through a link in its own directory, to wherever that leads")
        }
        return isCode(inside, isWhole: true) ? .protected("git executes what it says") : nil
    }

    /// - Parameter isWhole: whether the names are those of a repository's own directory, and not those of modules,
    ///   which may have any names of any depth.
    private func isCode(_ names: ArraySlice<[UInt8]>, isWhole: Bool) -> Bool {
        guard let first = names.first else { return false }
        let rest = names.dropFirst()
        // Branches and objects have names of the agent's choice, and nothing in them is executed.
        if let within = Protection.gitData[first], isWhole || rest.first.map(within) == true { return false }
        if Protection.gitCode.contains(first) { return true }
        if isWhole, first == Protection.worktrees {
            return rest.count > 1
                && (Protection.worktreeCode.contains(rest[rest.startIndex + 1])
                    || isCode(rest.dropFirst(), isWhole: true))
        }
        return isCode(rest, isWhole: isWhole && first != Protection.modules)
    }

    /// Case is no difference on some file systems, and git and editors think so too.
    private static func folded(_ name: ArraySlice<UInt8>) -> [UInt8] {
        name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    private static let git = Array(".git".utf8)
    private static let worktrees = Array("worktrees".utf8)
    private static let modules = Array("modules".utf8)
    /// What git writes itself, by the name that comes next in it (gitrepository-layout(5)).
    private static let gitData: [[UInt8]: @Sendable ([UInt8]) -> Bool] = [
        Array("refs".utf8): { name in
            ["bisect", "heads", "notes", "original", "remotes", "stash", "tags", "worktree"]
                .contains { name.elementsEqual($0.utf8) }
        },
        Array("logs".utf8): { name in ["head", "refs"].contains { name.elementsEqual($0.utf8) } },
        Array("objects".utf8): { name in
            ["info", "pack"].contains { name.elementsEqual($0.utf8) }
                || name.count == 2 && name.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        },
    ]
    /// Where a worktree is, and what repository it is of.
    private static let worktreeCode = Set(["commondir", "gitdir"].map { Array($0.utf8) })
    private static let gitCode = Set(
        // A rebase that is to be continued executes commands of its list.
        ["hooks", "config", "config.worktree", "commondir", "rebase-merge", "rebase-apply"].map { Array($0.utf8) })
}
