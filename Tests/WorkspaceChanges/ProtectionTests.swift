// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import Testing

@testable import WorkspaceChanges

@Suite("protected paths") struct ProtectionTests {
    private let protection = Protection([".envrc", ".vscode/tasks.json"].map { WorkspacePath($0)! })

    private func objection(_ path: String, _ status: Change.Status = .added, _ mode: mode_t = S_IFREG) throws -> String?
    {
        var file = stat()
        file.st_mode = mode | 0o644
        let node = FileNode(file)
        let change = Change(
            try #require(WorkspacePath(path)), status, old: status == .added ? nil : node,
            new: status == .deleted ? nil : node)
        return protection.objection(to: change)?.code
    }

    @Test(
        "are refused anywhere in the workspace, in any case, with all that is below them",
        arguments: [
            ".envrc", "sub/.envrc", ".ENVRC", ".vscode/tasks.json", "a/b/.vscode/tasks.json", ".git/hooks/pre-commit",
            ".git/config", "sub/.git/config", "sub/.GIT/Hooks/x", ".git/modules/lib/config", ".git/modules/lib/hooks/x",
            ".git/worktrees/w/config.worktree", ".git/commondir", ".git/modules/logs/config",
            ".git/modules/refs/hooks/x",
            ".git/modules/a/objects/config", ".git/worktrees/refs/commondir", ".git/worktrees/w/gitdir",
            ".git/worktrees/objects/config.worktree", ".git/modules/a/modules/refs/config",
        ])
    func refused(_ path: String) throws {
        for status in [Change.Status.added, .modified, .deleted, .mode, .type] {
            #expect(try objection(path, status) == "protected", "\(path) \(status)")
        }
    }

    @Test(
        "leave alone what only looks like them",
        arguments: [
            ".envrc.example", "x.envrc", ".vscode/settings.json", ".git/index", ".git/objects/ab/cdef",
            ".git/refs/heads/config", ".git/logs/refs/heads/hooks", ".git/modules/lib/refs/heads/config", ".gitignore",
            ".git/refs/pull/config", ".git/modules/lib/objects/c0/config", ".git/worktrees/config/HEAD",
            ".git/worktrees/w/logs/HEAD", ".git/modules/a/b/logs/refs/heads/config",
            "hooks/x", "config",
        ])
    func allowed(_ path: String) throws {
        #expect(try objection(path) == nil)
    }

    @Test("a new repository is refused, whatever it is made of")
    func repositories() throws {
        for mode in [S_IFREG, S_IFDIR, S_IFLNK] {
            #expect(try objection(".git", .added, mode) == "repository")
            #expect(try objection("deep/in/.Git", .type, mode) == "repository")
        }
        #expect(try objection(".git/x/.git/config") == "repository")
        #expect(try objection(".git", .mode, S_IFDIR) == nil)
        #expect(try objection(".git/logs/HEAD", .type, S_IFLNK) == "protected")
    }

    @Test("a link cannot take the place of what they lie in")
    func links() throws {
        #expect(try objection(".vscode", .type, S_IFLNK) == "protected")
        #expect(try objection("x/.vscode", .added, S_IFLNK) == "protected")
        #expect(try objection(".vscode", .added, S_IFDIR) == nil)
    }
}
