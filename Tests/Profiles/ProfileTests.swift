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
            (
                "working_directory: src",
                "1:20 \"src\" is not an absolute path"
            ),
            (
                "workspace: overlya",
                "1:12 \"workspace\" is one of direct, overlay, none, not \"overlya\"; did you mean \"overlay\"?"
            ),
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
            ("filesystem: {read_only: [{path: /a, create: true}]}", "1:37 unknown key \"create\""),
            ("filesystem: {hidden: [{path: /a, exec: false}]}", "1:34 unknown key \"exec\""),
            (
                "filesystem: {read_only: [{path: /a, source: /proc/1}]}",
                "1:45 the host's /proc/1 cannot be given to a jail: jail makes /proc itself"
            ),
            ("filesystem: {writable: [{path: /a, source: b}]}", "1:44 \"b\" is not an absolute path"),
            (
                "filesystem: {private: [{path: /a, mode: 4755}]}",
                "1:41 \"mode\" is three octal digits such as 700 or 1777, not \"4755\""
            ),
            (
                "filesystem: {private: [{path: /a, size: 1}]}",
                "1:41 expected a size such as 65536, 512M or 2G, at least 65536 for \"size\", found \"1\""
            ),
            ("filesystem: {files: [{path: /a}]}", "1:22 a file has either \"content\" or \"copy\""),
            (
                "filesystem: {files: [{path: /a, content: x, copy: /b}]}",
                "1:22 a file has either \"content\" or \"copy\""
            ),
            (
                "filesystem: {files: [{path: /dev/x, content: x}]}",
                "1:29 /dev/x cannot be replaced: jail makes /dev itself"
            ),
            ("filesystem: {symlinks: {bin: /usr/bin}}", "1:25 \"bin\" is not an absolute path"),
            ("filesystem: {symlinks: {/bin: \"\"}}", "1:25 the link /bin leads nowhere"),
            ("filesystem: {sys: writable}", "1:19 \"sys\" is one of none, read_only, not \"writable\""),
            ("protect: [../x]", "1:11 \"/../x\" has .. in it"),
            ("protect: [\"\"]", "1:11 a path cannot be empty"),
            ("protect: [~/.bashrc]", "1:11 \"~/.bashrc\" is not an absolute path; ~ is not expanded, write ${home}"),
            ("identity: own", "1:11 \"identity\" is one of owner, dynamic, not \"own\"; did you mean \"owner\"?"),
            (
                "network: {connect: [443]}",
                "1:10 there are ports to choose only with the host's network: write mode: host"
            ),
            (
                "network: {mode: none, bind: [1]}",
                "1:10 there are ports to choose only with the host's network: write mode: host"
            ),
            (
                "network: {mode: host, bind: [65536]}",
                "1:30 expected a whole number from 0 to 65535 in \"bind\", found \"65536\""
            ),
            (
                "network: {mode: host, connect: [\"1\"]}",
                "1:33 expected a whole number from 1 to 65535 in \"connect\", found \"1\""
            ),
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
                "limits: {memory: 4}",
                "1:18 expected a size such as 65536, 512M or 2G, at least 1048576 for \"memory\", found \"4\""
            ),
            ("limits: {cpu: 0.00}", "1:15 \"cpu\" is a number of processors such as 2 or 0.5, not \"0.00\""),
            ("limits: {cpu: 1.+5}", "1:15 \"cpu\" is a number of processors such as 2 or 0.5, not \"1.+5\""),
            (
                "limits: {cpu_weight: 0}",
                "1:22 expected a whole number from 1 to 10000, without leading zeros for \"cpu_weight\", found \"0\""
            ),
            ("limits: {io: [\"8:0\"]}", "1:15 \"8:0\" is no limit of a device: \(device)"),
            ("limits: {io: [\"8:0 rbps=0\"]}", "1:15 \"8:0 rbps=0\" is no limit of a device: \(device)"),
            ("limits: {io: [\"sda rbps=1\"]}", "1:15 \"sda rbps=1\" is no limit of a device: \(device)"),
            ("limits: {cgroup: {memory.max: 1}}", "1:19 memory.max is \"memory\" under \"limits\""),
            (
                "limits: {cgroup: {cgroup.procs: 1}}",
                "1:19 cgroup.procs is not a profile's to write; of its kind there are cgroup.max.depth and cgroup.max.descendants"
            ),
            (
                "limits: {cgroup: {\"../x.y\": 1}}",
                "1:19 \"../x.y\" is no file of a cgroup; they have names such as memory.low"
            ),
            ("limits: {cgroup: {memory.low: \"\"}}", "1:19 the value of memory.low is one line"),
            ("limits: {cpu: 1.555}", "1:15 \"cpu\" is a number of processors such as 2 or 0.5, not \"1.555\""),
            (
                "process: {nice: 20}",
                "1:17 expected a whole number from -20 to 19, without leading zeros for \"nice\", found \"20\""
            ),
            ("process: {io_priority: 8}", "1:24 \"io_priority\" is idle, or 0 (first) to 7, not \"8\""),
            (
                "process: {cpus: 0}",
                "1:17 expected a whole number from 1 to 8192, without leading zeros for \"cpus\", found \"0\""
            ),
            ("process: {cpus: [0, x]}", "1:21 expected a whole number from 0 to 8191 in \"cpus\", found \"x\""),
            ("process: {core_scheduling: 1}", "1:28 expected true or false for \"core_scheduling\", found \"1\""),
            ("clocks: {monotonic: 500ms}", "1:21 a clock is set ahead by whole seconds"),
            ("timeouts: {wall: 0s}", "1:18 \"wall\" cannot be zero; leave it out for no limit"),
            ("timeouts: {idle: 0s}", "1:18 \"idle\" cannot be zero; leave it out for no limit"),
            ("restart: {policy: sometimes}", "1:19 \"policy\" is one of never, on-failure, always, not \"sometimes\""),
            (
                "restart: {factor: 0.5}",
                "1:19 \"factor\" is a number from 1 to 10 with at most two decimals, not \"0.5\""
            ),
            (
                "restart: {limit: 101}",
                "1:18 expected a whole number from 0 to 100, without leading zeros for \"limit\", found \"101\""
            ),
            ("restart: {limits: 1}", "1:11 unknown key \"limits\"; did you mean \"limit\"?"),
            (
                "output: {ring: 1K}",
                "1:16 expected a size such as 65536, 512M or 2G, at least 1048576 for \"ring\", found \"1K\""
            ),
            (
                "timeouts: {grace: 10}",
                "1:19 expected a duration such as 500ms, 90s, 5m or 2h for \"grace\", found \"10\""
            ),
            (
                "degrade: [limits.mem]",
                "1:11 \"limits.mem\" is nothing that can degrade; did you mean \"limits.memory\"?"
            ),
            (
                "capabilities: [sys_admin]",
                "1:16 no jail can have the capability sys_admin: it mounts, and undoes what the jail hides and protects"
            ),
            (
                "capabilities: [setfcap]",
                "1:16 no jail can have the capability setfcap: in a jail it means nothing, or would change the jail"
            ),
            ("capabilities: [CAP_NET_RAW]", "1:16 capabilities are written in small letters and without cap_: net_raw"),
            (
                "capabilities: [net_bind_servce]",
                "1:16 unknown capability \"net_bind_servce\"; did you mean \"net_bind_service\"?"
            ),
            (
                "filesystem: {copy_on_write: [/]}",
                "1:30 a root needs a \"source\": {path: /, source: …}, a directory of the host's"
            ),
            (
                "filesystem: {copy_on_write: [{path: /x, source: /}]}",
                "1:49 / itself cannot be given to a jail; name what is needed"
            ),
            ("filesystem: {private: [/]}", "1:24 / itself cannot be given to a jail; name what is needed"),
            (
                "identity: dynamic\nusers: {subordinate: true}",
                "2:22 an identity of the agent's own (identity: dynamic) has no subordinate users"
            ),
            ("credentials: {a/b: /x}", "1:15 \"a/b\" cannot be the name of a credential, which is a file's name"),
            ("credentials: {token: x}", "1:15 \"x\" is not an absolute path"),
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

    static let device =
        "write its numbers and any of rbps wbps riops wiops, such as \"8:0 rbps=1048576\""

    @Test("says what is wrong with its system calls")
    func systemCallFindings() throws {
        let scratch = try Scratch()
        #expect(
            try scratch.findings(
                "seccomp:\n  default: EPREM\n  allow: [\"@defualt\", reed]\n  deny: [mout]\n  log: 1\n  families: [inet7]\n"
            )
                == [
                    "2:12 \"default\" is one of EPERM, EACCES, ENOSYS, EINVAL, EOPNOTSUPP, kill, not \"EPREM\"; did you mean \"EPERM\"?",
                    "3:11 unknown group of system calls \"@defualt\"; did you mean \"@default\"?",
                    "3:23 unknown system call \"reed\"; did you mean \"read\"?",
                    "4:10 unknown system call \"mout\"; did you mean \"mount\"?",
                    "5:8 expected true or false for \"log\", found \"1\"",
                    "6:14 unknown socket family \"inet7\"; did you mean \"inet\"?",
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
        #expect(plan["/usr"] == .bind(.init(source: .path("/usr"), writable: false, optional: false)))
        #expect(plan["/tmp"] == .tmpfs(size: 1 << 20, mode: 0o1777, executable: true))
        #expect(
            plan.limits == [
                .init(resource: "core", soft: 0, hard: 0), .init(resource: "nofile", soft: 200, hard: 200),
                .init(resource: "nproc", soft: 5, hard: nil),
            ])
        #expect(["A", "B", "C"].map { plan.command.environment[$0] } == ["1", "2", "3"])
        #expect(plan.umask == 0o077)
        #expect(profile.systemCalls.refusal == .kill)
        #expect(profile.systemCalls.allowed.contains("read") && profile.systemCalls.refused.contains("brk"))
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

    @Test("names what is wrong with all its files together beside what is wrong with one")
    func together() throws {
        let scratch = try Scratch()
        try scratch.write("base.yaml", "\(minimal)umask: 9\n")
        #expect(
            try scratch.findings("extends: base\nnetwork: {bind: [1]}\nfoo: 1\n") == [
                "2:10 there are ports to choose only with the host's network: write mode: host",
                "3:1 unknown key \"foo\"",
                "2:8 \"umask\" is three octal digits such as 022, not \"9\"",
            ])
        #expect(
            try scratch.findings("extends: nothing\nnetwork: {bind: [1]}\n") == [
                "1:10 there is no profile \"nothing\" to extend"
            ])
    }

    @Test("degrades what it and what it extends say")
    func degrade() throws {
        let scratch = try Scratch()
        try scratch.write("base.yaml", "\(minimal)degrade: [timeouts.idle]\n")
        let profile = try scratch.profile("extends: base\ndegrade: [timeouts.start, limits.memory]\n")
        #expect(try profile.plan(request()).degrade == ["limits.memory", "timeouts.idle", "timeouts.start"])
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
