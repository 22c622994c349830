// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Testing

@testable import Profiles

@Suite("The plan of a profile")
struct ProfilePlanTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func plan(_ text: String, _ request: PlanRequest = request()) throws -> JailPlan {
        try scratch.profile(minimal + text).plan(request)
    }

    private func failure(_ text: String, _ request: PlanRequest = request()) throws -> PlanError? {
        let profile = try scratch.profile(minimal + text)
        return #expect(throws: PlanError.self) { try profile.plan(request) }
    }

    @Test("puts parents before children, neighbours apart, and the hidden last")
    func order() throws {
        let plan = try plan(
            """
            filesystem:
              hidden: [/a/b, /usr/local]
              writable: [/a/b/c, /a-b]
              private: [/a]
              read_only: [/usr, /a/b, /a.b]
            """)
        let named = targets(plan).filter { !$0.hasPrefix("/etc") }
        #expect(named == ["/a", "/a/b", "/a/b/c", "/a-b", "/a.b", "/usr", "/a/b", "/usr/local"])
        #expect(plan.filesystem.suffix(2).allSatisfy { $0.kind == .hidden })
    }

    @Test("gives one path to the strongest entry, whichever file or line names it")
    func strength() throws {
        let plan = try plan(
            """
            filesystem:
              writable: [/w, "/x//y/."]
              private: [/w, /r, /p]
              read_only: [/w, /r, {path: /x/y, optional: true}]
            """)
        #expect(plan["/w"] == .bind(.init(source: .path("/w"), writable: true, optional: false)))
        #expect(plan["/r"] == .bind(.init(source: .path("/r"), writable: false, optional: false)))
        #expect(plan["/x/y"] == .bind(.init(source: .path("/x/y"), writable: true, optional: false)))
        #expect(plan["/p"] == .tmpfs(size: 512 << 20, mode: 0o700, executable: true))
        #expect(Set(targets(plan)).count == targets(plan).count)
    }

    @Test("says where each entry comes from")
    func origins() throws {
        let plan = try plan("filesystem:\n  read_only: [/usr]\n")
        #expect(plan.filesystem.first { $0.target == "/usr" }?.origin == "test.yaml:3")
    }

    @Test("fills in variables, in paths and in the environment")
    func variables() throws {
        let plan = try plan(
            """
            workspace: direct
            filesystem: {read_only: ["${home}/.config/${agent}/${user}"], hidden: ["${workspace}/.env"]}
            environment: {WHERE: "${workspace}:$HOME:${home}"}
            """, request(workspace: "/srv/app"))
        #expect(targets(plan).contains("/home/ada/.config/fix-tests/ada"))
        #expect(plan["/srv/app/.env"] == .hidden)
        #expect(plan.command.environment["WHERE"] == "/srv/app:$HOME:/home/ada")
    }

    @Test("cannot fill in what the request does not have, but leaves an optional entry out")
    func absent() throws {
        let text = "workspace: direct\nfilesystem: {read_only: [{path: \"${workspace}/x\", optional: true}]}\n"
        #expect(targets(try plan(text)).allSatisfy { $0.hasPrefix("/etc") })
        let error = try failure("workspace: direct\nfilesystem: {read_only: [\"${workspace}/x\"]}\n")
        #expect(error?.message == "\"${workspace}/x\" needs a workspace, and the request has none")
        #expect(error?.description.contains("test.yaml:3:26: ") == true)
        #expect(
            try failure("environment: {P: \"${package}\"}\n")?.message.contains("a launcher with a program") == true)
    }

    @Test("checks paths again when variables have values", arguments: ["/..", "/proc", "/dev/x"])
    func late(_ home: String) throws {
        var request = request()
        request.owner.home = home
        #expect(try failure("", request)?.subject == .request("owner"))
        var named = ProfilePlanTests.named("..")
        named.arguments = ["true"]
        #expect(try failure("filesystem: {private: [\"/x/${agent}\"]}\n", named)?.message == "\"/x/..\" has .. in it")
    }

    private static func named(_ agent: String) -> PlanRequest {
        PlanRequest(owner: request().owner, agent: agent)
    }

    @Test("shows the workspace at its own path and works there, else in the home")
    func workspace() throws {
        let there = try plan("workspace: direct\n", request(workspace: "/srv//app/."))
        #expect(there["/srv/app"] == .bind(.init(source: .path("/srv/app"), writable: true, optional: false)))
        #expect(there.command.workingDirectory == "/srv/app")
        #expect(try plan("filesystem: {private: [\"${home}\"]}\n").command.workingDirectory == "/home/ada")
        #expect(try plan("").command.workingDirectory == "/")
        #expect(try plan("working_directory: ${home}/x/./y\n").command.workingDirectory == "/home/ada/x/y")
        var asking = request()
        asking.workingDirectory = "/"
        #expect(try plan("working_directory: /x\n", asking).command.workingDirectory == "/")
        asking.workingDirectory = "x"
        #expect(try failure("", asking)?.subject == .request("workingDirectory"))
        #expect(
            try failure("workspace: none\n", request(workspace: "/srv/app"))?.message
                == "the profile test gives an agent no workspace")
    }

    @Test("follows symbolic links to the workspace, whose own path is the one behind them")
    func links() throws {
        try FileManager.default.createDirectory(atPath: "\(scratch.path)/real", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: "\(scratch.path)/link", withDestinationPath: "\(scratch.path)/real")
        try FileManager.default.createSymbolicLink(atPath: "\(scratch.path)/root", withDestinationPath: "/")
        let plan = try plan("workspace: direct\n", request(workspace: "\(scratch.path)/link"))
        #expect(plan.command.workingDirectory.hasSuffix("/real"))
        #expect(
            try failure("workspace: direct\n", request(workspace: "\(scratch.path)/root"))?.subject
                == .request("workspace"))
    }

    @Test(
        "refuses a workspace that is more than one agent's",
        arguments: [
            "/", "//", "/usr", "/etc/", "/proc", "/proc/1", "/dev", "/home", "/home/ada", "/tmp", "/var", "app",
            "~/app",
            "/srv/../etc",
        ])
    func shared(_ workspace: String) throws {
        #expect(try failure("workspace: direct\n", request(workspace: workspace))?.subject == .request("workspace"))
    }

    @Test("makes the files that say who the agent is, and nothing of the host's users")
    func generated() throws {
        let none = try plan("hostname: box\nenvironment: {SHELL: /bin/bash}\n")
        #expect(
            none["/etc/passwd"]
                == .file(
                    content: """
                        ada:x:1000:1000:ada:/home/ada:/bin/bash
                        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

                        """, mode: 0o644))
        #expect(none["/etc/group"] == .file(content: "ada:x:1000:\nnogroup:x:65534:\n", mode: 0o644))
        #expect(none["/etc/hostname"] == .file(content: "box\n", mode: 0o644))
        guard case .file(let resolver, _) = none["/etc/resolv.conf"] else {
            Issue.record("no resolv.conf")
            return
        }
        #expect(!resolver.contains("nameserver"))
        #expect(none.hostname == "box")
        let host = try plan("network: {mode: host}\n")
        #expect(
            host["/etc/resolv.conf"] == .bind(.init(source: .path("/etc/resolv.conf"), writable: false, optional: true))
        )
        guard case .file(let hosts, _) = host["/etc/hosts"], case .file(let switches, _) = host["/etc/nsswitch.conf"]
        else {
            Issue.record("no files")
            return
        }
        #expect(hosts.contains("127.0.0.1 localhost\n") && hosts.contains("127.0.1.1 fix-tests\n"))
        #expect(switches.contains("hosts: files dns\n"))
    }

    @Test("makes none of them where the profile brings its own")
    func own() throws {
        let one = try plan("filesystem: {read_only: [/etc/hosts]}\n")
        #expect(one["/etc/hosts"] == .bind(.init(source: .path("/etc/hosts"), writable: false, optional: false)))
        #expect(one["/etc/passwd"] != nil)
        #expect(targets(try plan("filesystem: {read_only: [/etc]}\nnetwork: {mode: host}\n")) == ["/etc"])
    }

    @Test("builds the environment from nothing: profile over default, request over profile")
    func environment() throws {
        var request = request()
        request.environment = ["B": "request ${home}", "lower.case": "ok"]
        let plan = try plan("environment: {LANG: de_DE.UTF-8, A: profile, B: profile}\n", request)
        #expect(
            plan.command.environment == [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/ada", "USER": "ada", "LOGNAME": "ada",
                "SHELL": "/bin/sh", "LANG": "de_DE.UTF-8", "TERM": "xterm-256color", "A": "profile",
                "B": "request ${home}", "lower.case": "ok",
            ])
        request.terminal = .pipes
        #expect(try self.plan("", request).command.environment["TERM"] == nil)
        request.environment = ["A=B": ""]
        #expect(try failure("", request)?.subject == .request("env.A=B"))
    }

    @Test("takes narrower limits from the request, and no wider ones")
    func narrowing() throws {
        let text = "limits: {files: 100, tmp: 1M}\nfilesystem: {private: [/tmp]}\n"
        var request = request()
        request.limits = .init(files: 64, tmp: 65536)
        let plan = try plan(text, request)
        #expect(plan.limits == [.init(resource: "nofile", soft: 64, hard: 64)])
        #expect(plan["/tmp"] == .tmpfs(size: 65536, mode: 0o1777, executable: true))
        request.limits = .init(files: 101)
        #expect(try failure(text, request)?.subject == .request("limits.files"))
        request.limits = .init(tmp: 1 << 21)
        #expect(
            try failure(text, request)?.message
                == "tmp can only be narrowed: the profile test allows 1048576, asked for are 2097152")
        request.limits = .init(files: 0)
        #expect(try failure("", request)?.subject == .request("limits.files"))
    }

    @Test("never gives more than the operator grants, whatever profile and request say")
    func bounds() throws {
        var asking = request(workspace: "/srv/app")
        asking.bounds = try scratch.bounds(
            """
            limits: {memory: 2G, swap: 0, cpu: 1.5, pids: 100, files: 256, tmp: 1M}
            timeouts: {wall: 1h, cpu: 30m, idle: 10m, start: 30s, grace: 5s}
            workspaces: ["${home}/src", /srv]
            """)
        let head = "workspace: direct\nfilesystem: {private: [/tmp]}\n"
        // Cut where the profile gives more, and set where it gives no limit.
        for text in [
            head, head + "limits: {memory: 4G, pids: 4096, files: 1024, tmp: 1G}\ntimeouts: {wall: 4h, grace: 1m}\n",
        ] {
            let plan = try plan(text, asking)
            #expect(plan.resources.memory == 2 << 30 && plan.resources.swap == 0)
            #expect(plan.resources.processors == 150 && plan.resources.processes == 100)
            #expect(plan.limits == [.init(resource: "nofile", soft: 256, hard: 256)])
            #expect(plan["/tmp"] == .tmpfs(size: 1 << 20, mode: 0o1777, executable: true))
            let timeouts = plan.timeouts
            #expect(timeouts.wall == 3_600_000 && timeouts.cpu == 1_800_000 && timeouts.idle == 600_000)
            #expect(timeouts.start == 30_000 && timeouts.grace == 5000)
            #expect(plan.workspace == .init(path: "/srv/app", roots: ["/home/ada/src", "/srv"]))
        }
        // Less than that stays.
        let plan = try plan(head + "limits: {memory: 1G}\ntimeouts: {wall: 10m}\n", asking)
        #expect(plan.resources.memory == 1 << 30 && plan.timeouts.wall == 600_000)
        // More is refused by name, and within both it is had.
        asking.limits.memory = 3 << 30
        let refusal = try failure(head, asking)
        #expect(refusal?.subject == .refused)
        #expect(refusal?.message.contains("memory can be 2147483648 at most") == true)
        asking.limits.memory = 1 << 30
        asking.timeouts.wall = .seconds(3601)
        #expect(try failure(head, asking)?.subject == .refused)
        asking.timeouts.wall = .seconds(3600)
        #expect(try self.plan(head, asking).timeouts.wall == 3_600_000)
    }

    @Test("says nothing of where the workspace has to lie without one, or without bounds")
    func unbounded() throws {
        #expect(try plan("workspace: direct\n", request(workspace: "/srv/app")).workspace == nil)
        var asking = request()
        asking.bounds = try scratch.bounds("workspaces: [/srv]")
        #expect(try plan("", asking).workspace == nil)
    }

    @Test("hides what the daemon says, whatever the profile shows")
    func hidden() throws {
        var request = request()
        request.hidden = ["/srv/state"]
        let plan = try plan("filesystem: {writable: [/srv/state, /srv]}\n", request)
        #expect(plan.filesystem.last?.target == "/srv/state")
        #expect(plan.filesystem.last?.kind == .hidden)
        // Under any name.
        let other = try self.plan("filesystem: {read_only: [{path: /h, source: /srv}]}\n", request)
        #expect(Set(other.filesystem.filter { $0.kind == .hidden }.map(\.target)) == ["/srv/state", "/h/state"])
    }

    @Test("hides what a profile hides wherever it is shown, and whatever is shown in its place")
    func hiddenEverywhere() throws {
        let plan = try plan(
            """
            filesystem:
              read_only: [{path: /a, source: /srv/x}, {path: /b, source: /srv}, /srv/x/y]
              hidden: [/a/y/z, /srv/k]

            """)
        #expect(
            Set(plan.filesystem.filter { $0.kind == .hidden }.map(\.target)) == [
                "/a/y/z", "/b/x/y/z", "/srv/x/y/z", "/srv/k", "/b/k",
            ])
    }

    @Test("carries no line of the request into the jail's passwd")
    func injection() throws {
        var request = request()
        request.environment = ["SHELL": "/bin/sh\nroot:x:0:0::/:/bin/sh"]
        guard case .file(let passwd, _) = try plan("", request)["/etc/passwd"] else {
            Issue.record("no passwd")
            return
        }
        #expect(!passwd.contains("root"))
        request.owner.name = "a:b"
        #expect(try failure("", request)?.subject == .request("owner"))
    }

    @Test("needs a command, and takes no prompt")
    func command() throws {
        var request = request()
        request.prompt = "do it"
        #expect(try failure("", request)?.subject == .request("prompt"))
        request.prompt = nil
        request.arguments = []
        #expect(try failure("", request)?.subject == .request("command"))
    }
}
