// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Testing

@testable import Profiles

@Suite("A protected path")
struct ProtectedPathTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func protected(_ text: String, workspace: String? = nil) throws -> [String] {
        var request = request(workspace: workspace)
        request.changes = .path("/changes")
        return try scratch.profile(minimal + text).plan(request).filesystem
            .filter { $0.kind == .protected }.map(\.target)
    }

    @Test("is in the workspace if it is relative, and nowhere without one")
    func relative() throws {
        let text = "workspace: direct\nprotect: [.git/hooks, ./a//b]\n"
        #expect(try protected(text, workspace: "/srv/app") == ["/srv/app/.git/hooks", "/srv/app/a/b"])
        #expect(try protected(text) == [])
    }

    @Test("needs no protection where changes are kept apart")
    func overlay() throws {
        #expect(try protected("workspace: overlay\nprotect: [.git/hooks]\n", workspace: "/srv/app") == [])
    }

    @Test("is found wherever something writable shows it, and nowhere else")
    func shown() throws {
        #expect(
            try protected(
                """
                filesystem:
                  writable: ["${home}", {path: /mnt/x, source: "${home}/.config"}]
                  read_only: [{path: /mnt/y, source: "${home}"}]
                  private: ["${home}/.cache"]
                protect: ["${home}/.bashrc", "${home}/.config/git", "${home}/.cache/z", /etc/passwd]
                """) == ["/home/ada/.bashrc", "/home/ada/.config/git", "/mnt/x/git"])
    }

    @Test("is left to what covers it")
    func covered() throws {
        #expect(
            try protected(
                "filesystem: {writable: [/srv], read_only: [/srv/a]}\nprotect: [/srv/a/b, /srv/c]\n") == ["/srv/c"])
    }

    @Test("is one that is itself shown, though the profile says writable")
    func itself() throws {
        #expect(
            try protected("filesystem: {writable: [\"${home}/.bashrc\"]}\nprotect: [\"${home}/.bashrc\"]\n")
                == ["/home/ada/.bashrc"])
    }

    @Test("is known by its name behind symbolic links as well")
    func links() throws {
        try FileManager.default.createDirectory(atPath: "\(scratch.path)/real", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: "\(scratch.path)/link", withDestinationPath: "\(scratch.path)/real")
        let there = HostFile.resolvedAsFarAsPossible("\(scratch.path)/real")
        #expect(
            try protected("filesystem: {writable: [\(there)]}\nprotect: [\(scratch.path)/link/new]\n") == [
                "\(there)/new"
            ])
        #expect(
            try protected("filesystem: {writable: [\(scratch.path)/link]}\nprotect: [\(there)/new]\n")
                == ["\(scratch.path)/link/new"])
    }

    @Test("is known by its name in the workspace to whoever applies changes")
    func names() throws {
        let paths =
            "[./.git//hooks, \"${workspace}/.envrc\", .envrc, \"${home}/.bashrc\", \"${workspace}/${agent}.sh\", "
            + "/srv/app/deploy, /srv/application, /x]"
        let profile = try scratch.profile(minimal + "workspace: overlay\nprotect: \(paths)\n")
        var request = request(workspace: "/srv/app")
        request.changes = .path("/changes")
        guard case .overlay(_, _, let protect) = try profile.plan(request)["/srv/app"] else {
            Issue.record("there is no overlay")
            return
        }
        #expect(protect == [".envrc", ".git/hooks", "\(request.agent).sh", "deploy"].sorted())
        #expect(profile.protect.count == 8)
    }

    @Test("holds for what is shown of it, and cannot be somebody's workspace")
    func parts() throws {
        let text = "workspace: direct\nfilesystem: {writable: [\"${home}/.config/systemd/user\", /srv/x]}\n"
        #expect(
            try protected(text + "protect: [\"${home}/.config/systemd\"]\n") == ["/home/ada/.config/systemd/user"])
        #expect {
            try protected(text + "protect: [\"${home}/.config\"]\n", workspace: "/home/ada/.config/nvim")
        } throws: {
            ($0 as? PlanError)?.subject == .request("workspace")
        }
    }

    @Test("comes after all that could show it, and before what is hidden")
    func order() throws {
        let plan = try scratch.profile(
            minimal + "filesystem: {writable: [/b], hidden: [/a]}\nprotect: [/b/x]\n"
        ).plan(request())
        #expect(targets(plan).suffix(2) == ["/b/x", "/a"])
    }
}
