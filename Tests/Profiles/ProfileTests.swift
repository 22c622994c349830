// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Testing

@testable import Profiles

@Suite("A profile")
struct ProfileTests {
    @Test(
        "says what is wrong with each of its keys, and where",
        arguments: [
            ("netwrok: {mode: none}", "1:1 unknown key \"netwrok\"; did you mean \"network\"?"),
            ("network: none", "1:10 expected a mapping for \"network\", found \"none\""),
            ("network: {mode: nat}", "1:17 \"mode\" is one of none, gateway, host, not \"nat\""),
            ("network: {mode: gateway}", "1:17 this version has no network gateway yet; write none or host"),
            (
                "network: {allow: [\"a:1\"]}",
                "1:18 this version has no network gateway yet, and so no list of allowed hosts"
            ),
            ("workspace: overlay", "1:12 this version has no overlay workspaces yet; write direct or none"),
            ("protect: [.git]", "1:10 this version does not have \"protect\" yet; remove it"),
            ("filesystem: {readonly: [/usr]}", "1:14 unknown key \"readonly\"; did you mean \"read_only\"?"),
            ("filesystem: {read_only: [usr]}", "1:26 \"usr\" is not an absolute path"),
            ("filesystem: {read_only: [/a/../b]}", "1:26 \"/a/../b\" has .. in it"),
            (
                "filesystem: {private: [~/x]}",
                "1:24 \"~/x\" is not an absolute path; ~ is not expanded, write ${home}"
            ),
            ("filesystem: {read_only: [//]}", "1:26 / itself cannot be given to a jail; name what is needed"),
            ("filesystem: {writable: [/proc/sys]}", "1:25 /proc/sys cannot be replaced: jail makes /proc itself"),
            ("filesystem: {private: [/dev/./shm]}", "1:24 /dev/shm cannot be replaced: jail makes /dev itself"),
            (
                "filesystem: {writable: [\"${hom}/x\"]}",
                "1:25 unknown variable ${hom}; here one can write ${agent} ${home} ${package} ${program} ${user} ${workspace}"
            ),
            ("filesystem: {writable: [\"${home\"]}", "1:25 \"${\" without \"}\" in \"${home\""),
            ("filesystem: {writable: [\"x${home}\"]}", "1:25 \"x${home}\" is not an absolute path"),
            ("filesystem: {read_only: [{optional: true}]}", "1:26 an entry needs a \"path\""),
            (
                "filesystem: {read_only: [{path: /a, optional: 1}]}",
                "1:47 expected true or false for \"optional\", found \"1\""
            ),
            ("filesystem: {read_only: [{path: /a, mode: x}]}", "1:37 unknown key \"mode\""),
            (
                "filesystem: {read_only: [[/a]]}",
                "1:26 expected a path or {path: …, optional: true}, found a list"
            ),
            (
                "limits: {files: 10}",
                "1:17 expected a whole number from 64 to 1048576, without leading zeros for \"files\", found \"10\""
            ),
            (
                "limits: {tmp: 2GB}",
                "1:15 expected a size such as 65536, 512M or 2G, at least 65536 for \"tmp\", found \"2GB\""
            ),
            (
                "limits: {memory: 4G}",
                "1:18 this version cannot enforce limits.memory; remove it, or name it under \"degrade\" to go without"
            ),
            ("limits: {cpu: 1.555}", "1:15 \"cpu\" is a number of processors such as 2 or 0.5, not \"1.555\""),
            (
                "timeouts: {wall: 4h}",
                "1:18 this version cannot enforce timeouts.wall; remove it, or name it under \"degrade\" to go without"
            ),
            (
                "timeouts: {grace: 10}",
                "1:19 expected a duration such as 500ms, 90s, 5m or 2h for \"grace\", found \"10\""
            ),
            (
                "degrade: [limits.mem]",
                "1:11 \"limits.mem\" is nothing that can degrade; did you mean \"limits.memory\"?"
            ),
            ("rlimits: {nofile: 5}", "1:19 the number of open files is \"files\" under \"limits\""),
            ("rlimits: {noproc: 5}", "1:11 unknown key \"noproc\"; did you mean \"nproc\"?"),
            ("rlimits: {nproc: 5K}", "1:18 \"nproc\" is a number, unlimited, or soft:hard, not \"5K\""),
            ("rlimits: {core: \"2:1\"}", "1:17 the soft limit of \"core\" is above the hard one"),
            ("rlimits: {core: \"unlimited:1\"}", "1:17 the soft limit of \"core\" is above the hard one"),
            (
                "rlimits: {core: \"1:2:3\"}",
                "1:17 \"core\" is a number, a size such as 64M, unlimited, or soft:hard, not \"1:2:3\""
            ),
            ("environment: {1A: x}", "1:15 \"1A\" cannot be the name of an environment variable"),
            ("environment: [A]", "1:14 expected a mapping of names to texts for \"environment\", found a list"),
            ("hostname: a_b", "1:11 \"a_b\" cannot be a host name: up to 64 of a-z, A-Z, 0-9, - and ."),
            ("umask: 22", "1:8 \"umask\" is three octal digits such as 022, not \"22\""),
            ("umask: 089", "1:8 \"umask\" is three octal digits such as 022, not \"089\""),
            ("extends: ../base", "1:10 \"../base\" cannot be the name of a profile: \(ProfileName.rule)"),
            ("extends: bsae", "1:10 there is no profile \"bsae\" to extend; did you mean \"base\"?"),
        ])
    func findings(_ text: String, _ finding: String) throws {
        let scratch = try Scratch()
        try scratch.write("base.yaml", minimal)
        #expect(try scratch.findings("\(text)\n\(minimal)") == [finding])
    }

    @Test("says what is wrong with its system calls")
    func systemCallFindings() throws {
        let scratch = try Scratch()
        #expect(
            try scratch.findings(
                "seccomp:\n  default: EPREM\n  allow: [\"@defualt\", reed]\n  deny: [mout]\n  log: true\n")
                == [
                    "2:12 \"default\" is one of EPERM, EACCES, ENOSYS, kill, not \"EPREM\"; did you mean \"EPERM\"?",
                    "3:11 unknown group of system calls \"@defualt\"; did you mean \"@default\"?",
                    "3:23 unknown system call \"reed\"; did you mean \"read\"?",
                    "4:10 unknown system call \"mout\"; did you mean \"mount\"?",
                    "5:8 this version does not log refused system calls yet; remove \"log\"",
                ])
        #expect(
            try scratch.findings("description: nothing\n") == [
                "1:1 the profile allows no system call: extend base, or allow @system-service"
            ])
    }

    @Test("takes lists, scalars and environment from what it extends, through several files")
    func extends() throws {
        let scratch = try Scratch()
        try scratch.write(
            "lowest.yaml",
            """
            description: lowest
            filesystem: {read_only: [/usr]}
            limits: {files: 100, tmp: 1M}
            rlimits: {core: 0, nproc: 10}
            environment: {A: "1", B: "1", C: "1"}
            seccomp: {default: kill, allow: ["@default"]}
            umask: 077
            """)
        try scratch.write(
            "middle.yaml",
            """
            extends: lowest
            filesystem: {private: [/tmp]}
            environment: {B: "2", C: "2"}
            seccomp: {allow: [read]}
            """)
        let profile = try scratch.profile(
            """
            extends: middle
            limits: {files: 200}
            rlimits: {nproc: "5:unlimited"}
            environment: {C: "3"}
            seccomp: {deny: [brk]}
            """)
        let plan = try profile.plan(request())
        #expect(profile.description == "lowest")
        #expect(profile.files.map { $0.split(separator: "/").last } == ["test.yaml", "middle.yaml", "lowest.yaml"])
        #expect(plan["/usr"] == .bind(source: .path("/usr"), writable: false, optional: false))
        #expect(plan["/tmp"] == .tmpfs(size: 1 << 20, mode: 0o1777))
        #expect(
            plan.limits == [
                .init(resource: "core", soft: 0, hard: 0), .init(resource: "nofile", soft: 200, hard: 200),
                .init(resource: "nproc", soft: 5, hard: nil),
            ])
        #expect(["A", "B", "C"].map { plan.command.environment[$0] } == ["1", "2", "3"])
        #expect(plan.umask == 0o077)
        #expect(plan.systemCalls.refusal == .kill)
        #expect(plan.systemCalls.allowed.contains("read") && plan.systemCalls.refused.contains("brk"))
    }

    @Test("that extends itself is an error that names the chain")
    func cycle() throws {
        let scratch = try Scratch()
        try scratch.write("one.yaml", "extends: two\n")
        try scratch.write("two.yaml", "description: x\nextends: test\n")
        #expect(try scratch.findings("extends: one\n") == ["2:10 the profile extends itself: test → one → two → test"])
        #expect(try scratch.findings("extends: test\n") == ["1:10 the profile extends itself: test → test"])
    }

    @Test("names the findings in all its files")
    func allFiles() throws {
        let scratch = try Scratch()
        try scratch.write("base.yaml", "umask: 9\nfoo: 1\n")
        #expect(try scratch.findings("bar: 1\nextends: base\n").map { $0.prefix(3) } == ["1:1", "1:8", "2:1"])
    }

    @Test("degrades only where it says so, and then says what is missing")
    func degrade() throws {
        let scratch = try Scratch()
        try scratch.write("base.yaml", "\(minimal)limits: {memory: 4G, pids: 100}\ndegrade: [limits.memory]\n")
        #expect(
            try scratch.findings("extends: base\n") == [
                "2:28 this version cannot enforce limits.pids; remove it, or name it under \"degrade\" to go without"
            ])
        let profile = try scratch.profile("extends: base\ndegrade: [limits.pids, timeouts.idle]\n")
        #expect(profile.missing == ["limits.memory", "limits.pids"])
    }

    @Test("is found in the first directory that has it")
    func library() throws {
        let scratch = try Scratch()
        try scratch.write("a/one.yaml", "description: first\n\(minimal)")
        try scratch.write("b/one.yaml", "description: second\n\(minimal)")
        try scratch.write("b/two.yaml", "extends: one\n")
        try scratch.write("b/Not a name.yaml", "")
        try scratch.write("b/README.md", "")
        let library = ProfileLibrary(directories: ["\(scratch.path)/a", "\(scratch.path)/b", "/nowhere"])
        #expect(library.names().map(\.rawValue) == ["one", "two"])
        #expect(try library.load(named: #require(ProfileName("two"))).description == "first")
        #expect(try library.load(file: "\(scratch.path)/b/one.yaml").description == "second")
        #expect {
            try library.load(named: #require(ProfileName("tow")))
        } throws: {
            "\($0)".hasPrefix("tow.yaml:1:1: there is no profile \"tow\" (looked in ")
                && "\($0)".hasSuffix("did you mean \"two\"?")
        }
    }

    @Test(
        "has a name that leads nowhere else",
        arguments: ["", ".", "..", "../x", "a/b", "-a", "A", "é", "a b", String(repeating: "a", count: 65)])
    func names(_ name: String) {
        #expect(ProfileName(name) == nil)
        #expect(LauncherName(name) == nil)
    }
}
