// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// `jail run` as a person at a shell uses it.
@Suite("jail run", .timeLimit(.minutes(20))) struct JailTests {
    @Test("exits as its command did, and tells its own failures apart", arguments: Person.all)
    func exitCodes(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            for (command, status) in [("exit 0", 0), ("exit 42", 42), ("kill -TERM $$", 143), ("kill -KILL $$", 137)] {
                let end = try await scene.jail(command)
                #expect(end.status == status, "\(command): \(end)")
            }
            let base = ["jail", "run", "--profile", Installation.profile("base"), "--"]
            for (arguments, status) in [
                (base + ["no-such-command"], 127), (base + ["/etc/passwd"], 126), (["jail", "run", "--", "true"], 125),
                (["jail", "run", "--profile", "/no/such.yaml", "--", "true"], 125),
            ] {
                let end = try await scene.run(arguments)
                #expect(end.status == status, "\(arguments): \(end)")
            }
        }
    }

    @Test("shows the workspace and little else, and keeps the rest of the host out of reach", arguments: Person.all)
    func filesystem(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jail(
                """
                echo made > made.txt
                cat \(scene.canary) || echo unreadable
                # Its place is in a directory of the jail's own, so this succeeds, and changes nothing outside.
                echo x >> \(scene.canary)
                echo x > /usr/bin/x || echo read-only
                echo x > /x || echo read-only-root
                ls -A /home \(scene.home) /root /var/lib /sys 2>/dev/null
                chmod 000 /dev/null 2>/dev/null || echo devices-safe
                mount -t tmpfs none /mnt 2>/dev/null || echo no-mount
                """)
            #expect(end.status == 0)
            for word in ["unreadable", "read-only", "read-only-root", "devices-safe", "no-mount"] {
                #expect(end.output.contains(word + "\n"), "\(word) in \(end)")
            }
            #expect(try String(contentsOfFile: scene.workspace + "/made.txt", encoding: .utf8) == "made\n")
            #expect(try String(contentsOfFile: scene.canary, encoding: .utf8) == "unharmed")
            #expect(!end.output.contains("canary"))
            var null = stat()
            stat("/dev/null", &null)
            #expect(null.st_mode & 0o777 == 0o666)
        }
    }

    @Test("gives its command no privilege, and no way to one", arguments: Person.all)
    func privileges(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jail(
                """
                grep -E 'Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp:' /proc/self/status
                unshare -U true 2>/dev/null || echo no-user-namespace
                unshare -n true 2>/dev/null || echo no-network-namespace
                cat /proc/sys/user/max_user_namespaces
                echo core > /proc/sys/kernel/core_pattern || echo no-sysctl
                echo 1 > /proc/sysrq-trigger || echo no-sysrq
                cat /proc/1/environ /proc/1/maps 2>/dev/null | wc -c
                """)
            for set in ["Inh", "Prm", "Eff", "Bnd", "Amb"] {
                #expect(end.output.contains("Cap\(set):\t0000000000000000"), "\(set) in \(end)")
            }
            #expect(end.output.contains("NoNewPrivs:\t1") && end.output.contains("Seccomp:\t2"))
            for word in ["no-user-namespace", "no-network-namespace", "no-sysctl", "no-sysrq"] {
                #expect(end.output.contains(word + "\n"), "\(word) in \(end)")
            }
            #expect(end.output.hasSuffix("0\nno-sysctl\nno-sysrq\n0\n"), "\(end)")
        }
    }

    #if arch(x86_64)
        @Test("refuses every call that leads out, by its own name", arguments: Person.all)
        func waysOut(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                try FileManager.default.copyItem(
                    atPath: Installation.repository + "/Tests/Support/way-out.py",
                    toPath: scene.workspace + "/way-out.py")
                chmod(scene.workspace + "/way-out.py", 0o644)
                let end = try await scene.jail("/usr/bin/python3 way-out.py; echo then $(id -u)")
                #expect(end.output == "all tried\nthen \(person.uid)\n", "\(end)")
            }
        }
    #endif

    @Test("starts its command with nothing inherited", arguments: Person.all)
    func inheritance(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jail(
                "env | cut -d= -f1 | sort | tr '\\n' ' '; ls /proc/self/fd | tr '\\n' ' '; ps -e -o pid= | wc -l",
                options: ["--env", "GIVEN=1"])
            #expect(!end.output.contains("XDG_RUNTIME_DIR"), "\(end)")
            #expect(end.output.contains("GIVEN HOME"), "\(end)")
            // Descriptor 3 is the directory that ls reads.
            #expect(end.output.contains("0 1 2 3 "), "\(end)")
        }
    }

    @Test("is changed from the command line: pieces of a profile, a directory to start in", arguments: Person.all)
    func pieces(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let options = [
                "--set", "filesystem: {private: [{path: /scratch, size: 1M}]}", "--set=umask: '077'",
                "--chdir", "/scratch",
            ]
            let end = try await scene.jail("pwd; umask; df -k . | tail -n 1", options: options)
            #expect(end.output.hasPrefix("/scratch\n0077\n") && end.output.contains(" 1024 "), "\(end)")
            let missing = try await scene.jail("true", options: ["--chdir", "/nowhere"])
            #expect(missing.status == 125, "\(missing)")
            #expect(missing.error.hasPrefix("jail: directory: cannot enter /nowhere: No such file"), "\(missing)")
            #expect(
                missing.error.contains("a directory that the jail shows (--chdir, working_directory)"), "\(missing)")
            let wrong = try await scene.jail("true", options: ["--set", "filesystem: {privat: [/x]}"])
            #expect(wrong.status == 125 && wrong.error.contains("--set:1:14: unknown key \"privat\""), "\(wrong)")
        }
    }

    @Test("has a network of its own with loopback only, unless the profile says host", arguments: Person.all)
    func network(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jail("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '")
            #expect(end.output == "lo\n")
            let host = try await scene.jail("readlink /proc/self/ns/net", profile: "codex")
            #expect(
                try host.output == FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net") + "\n")
        }
    }

    @Test("ends everything in it with its command", arguments: Person.all)
    func leftovers(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jail(
                "(setsid sh -c 'trap \"\" TERM; sleep \(person.sleep(1))' >/dev/null 2>&1 &) ; sleep 0.1")
            #expect(end.status == 0)
            #expect(!isRunning("sleep\u{0}\(person.sleep(1))"))
        }
    }

    @Test("passes signals on, and takes the jail along when it is killed itself", arguments: Person.all)
    func signals(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let command = "trap 'echo told; exit 9' TERM; echo up; while :; do sleep 0.05; done"
            let arguments = [
                "jail", "run", "--profile", Installation.profile("base"), "--", "/bin/sh", "-c", command,
            ]
            let told = try scene.start(arguments)
            #expect(try await eventually { told.output == "up\n" })
            kill(told.pid, SIGTERM)
            let end = try await told.end()
            #expect(end.status == 9 && end.output == "up\ntold\n", "\(end)")

            let killed = try scene.start(
                [
                    "jail", "run", "--profile", Installation.profile("base"), "--", "/bin/sh", "-c",
                    "echo up; sleep \(person.sleep(2))",
                ])
            #expect(try await eventually { killed.output == "up\n" })
            kill(killed.pid, SIGKILL)
            #expect(try await killed.end().status == 128 + SIGKILL)
            #expect(try await eventually { !isRunning("sleep\u{0}\(person.sleep(2))") })
        }
    }

    @Test("says which step failed, why and what to do, and leaves nothing behind", arguments: Person.all)
    func failure(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let profile = scene.directory + "/broken.yaml"
            let text = "extends: base\nfilesystem:\n  read_only: [/no/such/tools]\n"
            try Data(text.utf8).write(to: URL(filePath: profile))
            try FileManager.default.copyItem(
                atPath: Installation.profile("base"), toPath: scene.directory + "/base.yaml")
            chmod(profile, 0o644)
            chmod(scene.directory + "/base.yaml", 0o644)
            let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
            let end = try await scene.jail("true", profile: profile)
            #expect(end.status == 125)
            for word in ["mount.bind", "/no/such/tools", "ENOENT", "broken.yaml:3", "optional"] {
                #expect(end.error.contains(word), "\(word) in \(end)")
            }
            #expect(try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) == mounts)
        }
    }

    @Test(
        "creates nothing through a directory of the host's, and follows no link that an agent left",
        arguments: Person.all)
    func hostileWorkspace(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            symlink(scene.directory, scene.workspace + "/way-out")
            let profile = scene.directory + "/profile.yaml"
            try FileManager.default.copyItem(
                atPath: Installation.profile("base"), toPath: scene.directory + "/base.yaml")
            for (target, word) in [("missing/x", "EXDEV"), ("way-out/x", "ELOOP")] {
                let text = "extends: base\nfilesystem:\n  private: [\"${workspace}/\(target)\"]\n"
                try Data(text.utf8).write(to: URL(filePath: profile))
                let end = try await scene.jail("true", profile: profile)
                #expect(end.status == 125 && end.error.contains(word), "\(end)")
            }
            #expect(access(scene.workspace + "/missing", F_OK) != 0)
            #expect(access(scene.directory + "/x", F_OK) != 0)
        }
    }

    @Test("of an owner other than root takes the owner's rights first", .enabled(if: geteuid() == 0, "needs root"))
    func otherOwner() async throws {
        try await Scene.run(.root) { scene in
            chmod(scene.canary, 0o600)
            let profile = scene.directory + "/profile.yaml"
            try FileManager.default.copyItem(
                atPath: Installation.profile("base"), toPath: scene.directory + "/base.yaml")
            let text = "extends: base\nfilesystem:\n  read_only: [\(scene.canary)]\n"
            try Data(text.utf8).write(to: URL(filePath: profile))
            let end = try await scene.jail(
                "id -u; cat \(scene.canary); touch x || echo not-mine", profile: profile, options: ["--user", "nobody"])
            #expect(end.output.contains("not-mine") && !end.output.contains("unharmed"), "\(end)")
            #expect(end.output.hasPrefix("65534\n"), "\(end)")
        }
    }
}

/// Whether a process with these words in its command line runs anywhere on this machine.
func isRunning(_ words: String) -> Bool {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.contains { name in
        guard name.allSatisfy(\.isNumber), let file = try? Files.open("/proc/\(name)/cmdline", O_RDONLY),
            let line = try? Files.readAll(file.number)
        else { return false }
        return String(decoding: line, as: UTF8.self).hasPrefix(words)
    }
}

/// Waits until something is so, for as long as a machine may take that has other things to do.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(300)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}
