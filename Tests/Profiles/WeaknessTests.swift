// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Testing

@testable import Profiles

@Suite("What weakens a jail")
struct WeaknessTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A profile that has nothing to be warned of.
    private static let strong = """
        seccomp: {allow: ["@default"], families: [unix]}
        limits: {memory: 1G, pids: 10}
        rlimits: {core: 0}

        """

    private func weaknesses(_ text: String, _ request: PlanRequest = request()) throws -> [String] {
        try scratch.write("strong.yaml", Self.strong)
        let profile = try scratch.profile("extends: strong\n" + text)
        var request = request
        if profile.identity == .dynamic { request.outside = .init(uid: 5, gid: 5) }
        return Weaknesses(of: try profile.plan(request), for: request, under: profile).all
    }

    @Test("is nothing in a profile that gives nothing away")
    func nothing() throws {
        #expect(try weaknesses("") == [])
        #expect(
            try weaknesses("filesystem: {private: [\"${home}\", /tmp], read_only: [/usr], writable: [/srv/x]}\n") == [])
    }

    @Test(
        "is named, each",
        arguments: [
            ("network: {mode: host}", "the host's network: in reach are everything that listens on loopback"),
            ("network: {mode: host, connect: [443]}", "the host's network: in reach are TCP ports 443, UDP"),
            ("capabilities: [net_raw]", "the capability net_raw"),
            ("filesystem: {writable: [\"${home}\"]}", "the home is writable"),
            ("filesystem: {writable: [\"${home}\"]}", "the host executes these of the home"),
            (
                "filesystem: {read_only: [\"${home}\"]}",
                "keys, tokens and histories of the home can be read: .ssh .gnupg"
            ),
            ("filesystem: {writable: [\"${home}/.config\"]}", "they can be written: .config/fish .config/autostart"),
            ("filesystem: {read_only: [{path: /x, source: \"${home}/.aws\"}]}", "can be read: .aws"),
            ("filesystem: {read_only: [\"${home}/.ssh/id_ed25519\"]}", "can be read: .ssh"),
            ("filesystem: {writable: [/usr/local/bin]}", "can be written, as far as its owner may: /usr/local/bin"),
            ("filesystem: {writable: [{path: /x, source: /etc/cron.d}]}", "as far as its owner may: /x"),
            ("filesystem: {read_only: [/etc]}", "/etc shows all of the host's /etc"),
            ("filesystem: {read_only: [/home]}", "/home shows every user's home"),
            ("filesystem: {read_only: [{path: /host, source: /run}]}", "/host shows the world of the host's services"),
            ("filesystem: {read_only: [/var/run]}", "/var/run shows the world of the host's services"),
            ("filesystem: {writable: [/tmp]}", "/tmp shows the host's /tmp"),
            ("filesystem: {writable: [/run/docker.sock]}", "/run/docker.sock: a socket of the host's: Docker's"),
            (
                "filesystem: {read_only: [{path: /d, source: /run/dbus/system_bus_socket}]}",
                "/d: a socket of the host's: the system's D-Bus"
            ),
            ("filesystem: {writable: [/run/user/1000/bus]}", "the session's D-Bus"),
            ("filesystem: {writable: [/tmp/ssh-XX/agent.5]}", "/tmp/ssh-XX/agent.5: a socket of the host's"),
            ("environment: {SSH_AUTH_SOCK: /x}", "SSH_AUTH_SOCK is set"),
            ("seccomp: {allow: [ptrace]}", "system calls ptrace"),
            ("seccomp: {allow: [io_uring_setup]}", "system calls io_uring_setup"),
            ("seccomp: {allow: [bpf]}", "system calls bpf"),
            ("seccomp: {allow: [\"@keyring\"]}", "system calls add_key keyctl request_key"),
            ("seccomp: {allow: [\"@mount\"]}", "they change what the jail hides and protects"),
            ("seccomp: {allow: [{call: mount, when: [\"0 == 1\"]}]}", "system calls mount:"),
            ("seccomp: {allow: [{call: read, action: log}]}", "system calls that are only logged: read"),
            ("seccomp: {allow: [{call: socket, when: [\"0 != 1\"]}]}", "a rule for socket compares all 64 bits"),
            ("seccomp: {deny: [{call: socket, when: [\"0 < 1\"]}]}", "a rule for socket compares all 64 bits"),
            ("seccomp: {families: [vsock, alg]}", "sockets of the families alg vsock"),
            ("rlimits: {core: \"0:unlimited\"}", "core dumps"),
            ("process: {nice: -1}", "nice -1"),
            ("process: {oom_score_adj: -1}", "oom_score_adj -1"),
            ("process: {address_randomization: false}", "addresses are not random"),
            ("degrade: [limits.memory, limits.io]", "these may be missing: limits.memory"),
            ("degrade: [landlock]", "these may be missing: landlock"),
            ("identity: dynamic\ndegrade: [identity]", "these may be missing: identity"),
        ])
    func named(_ text: String, _ weakness: String) throws {
        let found = try weaknesses(text + "\n")
        #expect(found.contains { $0.contains(weakness) }, "\(found)")
    }

    @Test("is a limit, a core dump or a family of sockets that nobody thought of")
    func absent() throws {
        let profile = try scratch.profile(minimal)
        let found = Weaknesses(of: try profile.plan(request()), for: request(), under: profile).all
        #expect(
            found.map { String($0.prefix(19)) } == [
                "sockets of any fami", "no limit on memory:", "no limit on process", "core dumps: the hos",
            ])
    }

    @Test("is an owner who is root, unless the agent is somebody else outside")
    func root() throws {
        var root = request()
        root.owner.uid = 0
        #expect(try weaknesses("", root).first?.hasPrefix("the owner is root") == true)
        #expect(try weaknesses("identity: dynamic\n", root) == [])
    }

    @Test("is a workspace whose git hooks can be written, and is none when they are protected or changes kept apart")
    func workspace() throws {
        var there = request(workspace: "/srv/app")
        there.changes = .path("/changes")
        #expect(try weaknesses("workspace: direct\n", there).first?.contains(".git/hooks .git/config") == true)
        let protected = "protect: [.git, .gitmodules, .envrc, .vscode, .idea, .claude, .codex, .mcp.json]\n"
        #expect(try weaknesses("workspace: direct\n" + protected, there) == [])
        #expect(try weaknesses("workspace: overlay\n", there) == [])
    }

    @Test("is none where it is hidden or protected")
    func covered() throws {
        #expect(try weaknesses("filesystem: {read_only: [\"${home}/.aws\"], hidden: [\"${home}/.aws\"]}\n") == [])
        #expect(
            try weaknesses("filesystem: {writable: [\"${home}/.config/fish\"]}\nprotect: [\"${home}/.config/fish\"]\n")
                == [])
        #expect(try weaknesses("filesystem: {writable: [/run/docker.sock], hidden: [/run/docker.sock]}\n") == [])
    }

    @Test("of the shipped base is ptrace and what may degrade, and nothing else")
    func base() throws {
        let asking = request(workspace: "/home/ada/src/app")
        let profile = try Repository.profile("base")
        let found = Weaknesses(of: try profile.plan(asking), for: asking, under: profile).all
        #expect(found.map { $0.prefix(14) } == ["system calls p", "where the host"])
    }
}
