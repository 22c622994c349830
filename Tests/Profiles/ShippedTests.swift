// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Testing

@testable import Profiles

@Suite("What is shipped")
struct ShippedTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("loads without a finding")
    func loads() throws {
        #expect(Repository.profiles.names().map(\.rawValue) == ["base", "claude", "codex", "review", "shell"])
        #expect(Repository.launchers.names().map(\.rawValue) == ["codex", "command"])
        for name in Repository.profiles.names() {
            let profile = try Repository.profiles.load(named: name)
            #expect(profile.description != nil)
        }
        for name in Repository.launchers.names() {
            let launcher = try Repository.launchers.load(named: name)
            #expect(Repository.profiles.names().contains(launcher.profile))
        }
    }

    @Test("base gives programs, an empty home and the workspace, and no network")
    func base() throws {
        let plan = try Repository.profile("base").plan(request(workspace: "/home/ada/src/app"))
        #expect(plan.network == .none)
        #expect(plan["/usr"] == .bind(.init(source: .path("/usr"), writable: false, optional: false)))
        #expect(plan["/home/ada"] == .tmpfs(size: 2 << 30, mode: 0o700, executable: true))
        #expect(
            plan["/home/ada/src/app"]
                == .bind(.init(source: .path("/home/ada/src/app"), writable: true, optional: false)))
        #expect(plan.command.workingDirectory == "/home/ada/src/app")
        #expect(
            plan.limits == [
                .init(resource: "core", soft: 0, hard: 0), .init(resource: "nofile", soft: 65536, hard: 65536),
                .init(resource: "nproc", soft: 4096, hard: 4096),
                .init(resource: "sigpending", soft: 8192, hard: 8192),
            ])
        let writable = plan.filesystem.filter {
            if case .bind(let bind) = $0.kind { bind.writable } else { false }
        }
        #expect(writable.map(\.target) == ["/home/ada/src/app"])
    }

    @Test("base lets through what Codex was seen to call, and nothing that changes the machine")
    func systemCalls() throws {
        let policy = try Repository.profile("base").systemCalls
        // reference: strace of codex exec in all modes, its code-mode host, and what bash and coreutils add.
        let seen = """
            accept4 access arch_prctl bind brk chmod clock_nanosleep clone close connect dup epoll_create1 epoll_ctl
            epoll_pwait eventfd2 execve exit exit_group fchown fcntl flock fstat fsync ftruncate futex getcwd getdents64
            getegid geteuid getgid getpeername getpid getrandom getsockname getsockopt gettid getuid inotify_add_watch
            inotify_init1 inotify_rm_watch ioctl kill listen lseek lstat madvise mkdir mmap mprotect munmap nanosleep
            open openat pidfd_open pipe2 poll prctl pread64 pwrite64 read readlink recvfrom recvmsg rename renameat
            renameat2 restart_syscall rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield sendto
            set_tid_address setsockopt shutdown sigaltstack socket socketpair stat symlink uname unlink unlinkat
            utimensat wait4 write writev setsid close_range chdir setpgid dup2 readv faccessat2 fadvise64 getpgrp
            getppid newfstatat prlimit64 pselect6 rseq set_robust_list statfs sysinfo umask vfork clone3 ptrace
            """.split { $0 == " " || $0 == "\n" }.map(String.init)
        #expect(Set(seen).subtracting(policy.allowed).sorted() == [])
        let never = """
            mount umount2 pivot_root chroot move_mount open_tree fsopen fsmount mount_setattr open_tree_attr bpf
            perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register init_module finit_module
            delete_module kexec_load kexec_file_load reboot swapon swapoff add_key request_key keyctl iopl ioperm
            modify_ldt settimeofday clock_settime adjtimex open_by_handle_at acct quotactl syslog fanotify_init
            """.split { $0 == " " || $0 == "\n" }.map(String.init)
        #expect(Set(never).subtracting(policy.refused).sorted() == [])
        #expect(policy.refusal == .errno(1))
        #expect(policy.socketFamilies == [1, 2, 10, 16] && policy.log)
    }

    @Test("codex runs codex exec without its own sandbox, on its own CODEX_HOME and the host's network")
    func codex() throws {
        let program = try scratch.write("codex/bin/codex", "#!/bin/sh\n", mode: 0o755)
        try scratch.write("codex/codex-package.json", "{}")
        var request = request(workspace: "/home/ada/src/app")
        request.arguments = ["-m", "gpt-5.5"]
        request.prompt = "-fix the tests"
        request.programs = ["codex": program]
        let launcher = try Repository.launcher("codex")
        let profile = try Repository.profile(launcher.profile.rawValue)
        let assembled = try launcher.assemble(request, profile: profile)
        let plan = assembled.plan
        #expect(
            plan.command.arguments == [
                program, "exec", "--json", "--dangerously-bypass-approvals-and-sandbox", "--skip-git-repo-check", "-C",
                "/home/ada/src/app", "-m", "gpt-5.5", "--", "-fix the tests",
            ])
        #expect(plan.terminal == .pipes(input: false))
        #expect(plan.network == .host)
        #expect(plan.command.environment["CODEX_HOME"] == "/home/ada/.codex")
        #expect(
            plan["/home/ada/.codex"] == .bind(.init(source: .agentDirectory("own/0"), writable: true, optional: false)))
        #expect(
            plan["\(scratch.path)/codex"]
                == .bind(.init(source: .path("\(scratch.path)/codex"), writable: false, optional: false)))
        #expect(assembled.stopSignals == ["SIGINT", "SIGTERM"])
        #expect(assembled.grace == .seconds(10))
        #expect(assembled.missing == [])
        let directory = try #require(assembled.ownDirectories.first)
        #expect(directory.relativePath == "own/0")
        let file = try #require(directory.files.first)
        #expect(file.name == "config.toml" && file.mode == 0o600)
        for setting in ["check_for_update_on_startup = false", "[features]\n", "\nplugins = false", "[analytics]\n"] {
            #expect(file.content.contains(setting), "\(setting)")
        }
    }

    @Test("command runs the request's words on a terminal")
    func command() throws {
        var request = request(workspace: "/home/ada/src/app")
        request.arguments = ["bash", "-l"]
        let launcher = try Repository.launcher("command")
        let profile = try Repository.profile(launcher.profile.rawValue)
        let assembled = try launcher.assemble(request, profile: profile)
        #expect(assembled.plan.command.arguments == ["bash", "-l"])
        #expect(assembled.plan.terminal == .pty(columns: 80, rows: 24))
        #expect(assembled.plan.command.environment["SHELL"] == "/bin/bash")
        #expect(assembled.ownDirectories == [])
    }

    @Test("every plan survives its JSON")
    func coding() throws {
        for name in Repository.profiles.names() {
            var request = request(workspace: "/srv/app")
            request.changes = .agentDirectory("changes")
            let plan = try Repository.profiles.load(named: name).plan(request)
            #expect(try JSONDecoder().decode(JailPlan.self, from: JSONEncoder().encode(plan)) == plan)
        }
    }

    @Test("the examples in docs/profiles.md are sound")
    func documentation() throws {
        let page = try String(contentsOf: URL(filePath: "\(Repository.root)/docs/profiles.md"), encoding: .utf8)
        let blocks = page.split(separator: "```yaml\n", omittingEmptySubsequences: false).dropFirst().map {
            String($0.prefix(upTo: $0.firstIndex(of: "`") ?? $0.endIndex))
        }
        #expect(blocks.count >= 3)
        let library = ProfileLibrary(directories: [scratch.path, "\(Repository.root)/sandbox-profiles"])
        for block in blocks.dropLast() {
            try scratch.write("docs.yaml", block)
            let profile = try library.load(named: #require(ProfileName("docs")))
            _ = try profile.plan(request(workspace: "/srv/app"))
        }
        try scratch.write("launchers/docs.yaml", try #require(blocks.last))
        _ = try LauncherLibrary(directories: ["\(scratch.path)/launchers"]).load(named: #require(LauncherName("docs")))
    }

    @Test("survives any damage: a finding, or a sound file, and never a crash")
    func damage() throws {
        var state: UInt64 = 1
        func random(_ bound: Int) -> Int {
            // Knuth's MMIX generator: the same damage in every run.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let signs = Array("&*!|>'\"%@`{}[],#?:-<~$ \n\t\\\0é".unicodeScalars)
        let files = try ["sandbox-profiles/base.yaml", "launchers/codex.yaml"].map { name in
            try String(contentsOf: URL(filePath: "\(Repository.root)/\(name)"), encoding: .utf8)
        }
        for text in files + [everyKey] {
            for _ in 0..<350 {
                var damaged = Array(text.unicodeScalars)
                for _ in 0...random(4) {
                    let place = random(damaged.count)
                    switch random(3) {
                    case 0: damaged[place] = signs[random(signs.count)]
                    case 1: damaged.insert(signs[random(signs.count)], at: place)
                    default: damaged.removeSubrange(place..<min(damaged.count, place + random(40)))
                    }
                }
                var view = String.UnicodeScalarView()
                view.append(contentsOf: damaged)
                guard let document = try? ConfigurationDocument(text: String(view), file: "c.yaml") else { continue }
                _ = document.decode(Findings(), ProfileLayer.read)
                _ = document.decode(Findings(), LauncherLayer.read)
            }
        }
    }

    @Test("base protects what the host executes by itself, in a workspace that is written to")
    func protection() throws {
        let base = try Repository.profile("base")
        let plan = try base.plan(request(workspace: "/home/ada/src/app"))
        for name in [".git/hooks", ".git/config", ".envrc", ".vscode", ".claude", ".codex", ".mcp.json"] {
            #expect(plan["/home/ada/src/app/\(name)"] == .protected, "\(name)")
            #expect(base.protect.contains(name))
        }
        #expect(!targets(plan).contains { $0.hasSuffix("Makefile") || $0.hasSuffix("package.json") })
        // The home is the jail's own.
        #expect(plan["/home/ada/.bashrc"] == nil)
        #expect(targets(try base.plan(request())).allSatisfy { !$0.contains(".git") })
    }

    @Test("review keeps the workspace's changes apart, and protects nothing of it")
    func review() throws {
        var request = request(workspace: "/home/ada/src/app")
        let profile = try Repository.profile("review")
        #expect { try profile.plan(request) } throws: { ($0 as? PlanError)?.subject == .request("changes") }
        request.changes = .agentDirectory("changes")
        let plan = try profile.plan(request)
        guard case .overlay(let lower, let changes, let protect) = plan["/home/ada/src/app"] else {
            Issue.record("there is no overlay")
            return
        }
        #expect(lower == "/home/ada/src/app" && changes == .agentDirectory("changes"))
        #expect(Set(protect).isSuperset(of: [".git/hooks", ".envrc", ".vscode"]) && !protect.contains(".bashrc"))
        #expect(!plan.filesystem.contains { $0.kind == .protected })
        #expect(profile.protect.contains(".git/hooks"))
        #expect(plan.command.workingDirectory == "/home/ada/src/app")
    }

    @Test("is found beside the program, installed or in a build tree")
    func searchPath() {
        let home = ["HOME": "/home/ada"]
        #expect(
            SearchPath.profiles(explicit: ["/x"], environment: home, executable: "/usr/bin/jail-profile") == [
                "/x", "/home/ada/.config/agent-supervisor/profiles", "/etc/agent-supervisor/profiles",
                "/usr/share/agent-supervisor/profiles",
            ])
        #expect(
            SearchPath.launchers(
                explicit: [], environment: ["XDG_CONFIG_HOME": "/c", "HOME": "/home/ada"],
                executable: "/src/as/.build/debug/supervisord") == [
                    "/c/agent-supervisor/launchers", "/etc/agent-supervisor/launchers",
                    "/src/as/.build/share/agent-supervisor/launchers", "/src/as/launchers",
                ])
        #expect(
            SearchPath.profiles(
                explicit: [], environment: ["XDG_CONFIG_HOME": "c"],
                executable: "/src/as/.build/x86_64-unknown-linux-gnu/release/jail-profile"
            ).last == "/src/as/sandbox-profiles")
    }
}
