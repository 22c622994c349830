// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// What a plan puts into a jail's root.
@Suite("mounts", .timeLimit(.minutes(20))) struct MountTests {
    @Test("runs nothing where the plan says noexec, in binds and in memory", arguments: Person.all)
    func noExecution(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let tools = scene.makeDirectory("tools")
            try FileManager.default.copyItem(atPath: "/bin/true", toPath: tools + "/tool")
            for (executable, status) in [(true, 0), (false, 126)] {
                let bound = try await scene.jail(tools + "/tool", [.bind(tools, executable: executable)])
                #expect(bound.status == status, "\(bound)")
                let memory = FilesystemEntry(
                    target: "/mem", kind: .tmpfs(size: 1 << 20, mode: 0o755, executable: executable))
                let copied = try await scene.jail("cp /bin/true /mem/tool && /mem/tool", [memory])
                #expect(copied.status == status, "\(copied)")
            }
        }
    }

    @Test("makes a missing directory as the owner, once and through no link", arguments: Person.all)
    func creation(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let cache = scene.home + "/cache"
            let made = try await scene.jail("echo x > \(cache)/x", [.bind(cache, writable: true, create: true)])
            #expect(made.status == 0, "\(made)")
            #expect(scene.content("home/cache/x") == "x\n")
            var status = stat()
            stat(cache, &status)
            #expect(status.st_mode & 0o7777 == 0o700 && status.st_uid == person.uid)

            let deep = try await scene.jail("true", [.bind(scene.home + "/a/b", writable: true, create: true)])
            #expect(deep.status == 125 && deep.error.contains("ENOENT"), "\(deep)")
            symlink(scene.directory + "/elsewhere", scene.home + "/link")
            let link = try await scene.jail("true", [.bind(scene.home + "/link", writable: true, create: true)])
            #expect(link.status == 125 && link.error.contains("ELOOP"), "\(link)")
            #expect(!scene.exists("elsewhere") && !scene.exists("home/a"))
        }
    }

    @Test("copies a small file of the owner's, and is held up by nothing that is none", arguments: Person.all)
    func copies(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let file = try scene.makeFile("token", "secret\n", mode: 0o600)
            let fifo = scene.directory + "/fifo"
            mkfifo(fifo, 0o666)
            chmod(fifo, 0o666)
            let large = try scene.makeFile("large", String(repeating: "x", count: (1 << 20) + 1))
            func copy(_ source: String, to target: String = "/run/token") -> FilesystemEntry {
                FilesystemEntry(target: target, kind: .copy(source: source, mode: 0o400))
            }
            let end = try await scene.jail("cat /run/token; stat -c %a /run/token", [copy(file)])
            #expect(end.output == "secret\n400\n", "\(end)")
            for (source, word) in [
                (fifo, "EINVAL"), ("/dev/zero", "EINVAL"), (scene.directory, "EINVAL"), (large, "EFBIG"),
                ("/no/such", "ENOENT"),
            ] {
                let end = try await scene.jail(plan(scene, copy(source)))
                #expect(end.status == 125 && end.error.contains(word), "\(source): \(end)")
            }
            if person == .ordinaryUser {
                let end = try await scene.jail("true", [copy("/etc/shadow")])
                #expect(end.status == 125 && end.error.contains("EACCES"), "\(end)")
            }
        }
    }

    private func plan(_ scene: Scene, _ entry: FilesystemEntry) async throws -> JailPlan {
        try await scene.plan("true", [entry])
    }

    @Test("shows what a link leads to, however far up it goes first", arguments: Person.all)
    func links(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try scene.makeFile("file", "found\n")
            let up = String(repeating: "../", count: 20)
            symlink(up + scene.directory.dropFirst() + "/file", scene.directory + "/link")
            let entries: [FilesystemEntry] = [
                .bind(scene.directory + "/link", at: "/mnt/bound"),
                FilesystemEntry(target: "/mnt/copied", kind: .copy(source: scene.directory + "/link", mode: 0o444)),
            ]
            let end = try await scene.jail("cat /mnt/bound /mnt/copied", entries)
            #expect(end.output == "found\nfound\n", "\(end)")
        }
    }

    @Test("lets nothing in a workspace be moved out of the way for the next jail", arguments: Person.all)
    func pinned(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            for name in ["conf", "vendor", "vendor/lib", "more"] { scene.makeDirectory("work/\(name)") }
            try scene.makeFile("work/conf/secret", "secret\n")
            try scene.makeFile("work/vendor/lib/code", "host\n")
            try scene.makeFile("work/more/settings", "host\n")
            let entries: [FilesystemEntry] = [
                FilesystemEntry(target: scene.workspace + "/conf/secret", kind: .hidden),
                .bind(scene.workspace + "/vendor/lib"),
                FilesystemEntry(
                    target: scene.workspace + "/more/settings", kind: .file(content: "jail\n", mode: 0o644)),
            ]
            for run in 1...2 {
                let end = try await scene.jail(
                    """
                    exec 2>/dev/null
                    for d in conf vendor more; do
                        python3 -c 'import os, sys; os.rename(*sys.argv[1:])' $d $d-moved && echo "moved: $d"
                        cat $d*/secret $d*/lib/code $d*/settings; echo x > $d/own && cat $d/own
                        echo agent > $d/lib/code && echo "written: $d"
                    done
                    """, entries)
                #expect(end.output == "x\nhost\nx\njail\nx\n", "run \(run): \(end)")
            }
            #expect(scene.content("work/vendor/lib/code") == "host\n")
        }
    }

    @Test("bounds how many files there can be in memory, and how many terminals", arguments: Person.all)
    func bounds(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let small = FilesystemEntry(target: "/small", kind: .tmpfs(size: 1 << 20, mode: 0o777, executable: true))
            let end = try await scene.jail(
                """
                exec python3 - <<'END'
                import os
                count = 0
                try:
                    for count in range(1000): open(f"/small/{count}", "w").close()
                except OSError as problem: print(problem.strerror)
                print(count < 300)
                terminals = []
                try:
                    while len(terminals) < 1000: terminals.append(os.openpty())
                except OSError: print(len(terminals) <= 256)
                END
                """, [small])
            #expect(end.output == "No space left on device\nTrue\nTrue\n", "\(end)")
        }
    }

    @Test("lays a file over one of the host's, and neither changes nor makes any there", arguments: Person.all)
    func covers(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try scene.makeFile("work/settings", "host\n")
            func file(_ name: String) -> FilesystemEntry {
                FilesystemEntry(target: scene.workspace + "/" + name, kind: .file(content: "jail\n", mode: 0o644))
            }
            let end = try await scene.jail(
                "cat settings; echo x > settings || echo read-only; ls -A /", [file("settings")])
            #expect(end.output.hasPrefix("jail\nread-only\n") && !end.output.contains(".file"), "\(end)")
            #expect(scene.content("work/settings") == "host\n")
            let missing = try await scene.jail("true", [file("missing")])
            #expect(missing.status == 125 && missing.error.contains("EXDEV"), "\(missing)")
            let link = FilesystemEntry(target: scene.workspace + "/new", kind: .symlink(destination: "/etc"))
            let linked = try await scene.jail("true", [link])
            #expect(linked.status == 125 && linked.error.contains("EXDEV"), "\(linked)")
            #expect(!scene.exists("work/missing") && !scene.exists("work/new"))
        }
    }

    @Test(
        "shows a /sys of the jail's own network, read-only, without the handles on the machine", arguments: Person.all)
    func system(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let command = """
                ls /sys/class/net; test -d /sys/devices/system/cpu && echo processors
                for d in firmware kernel/security kernel/debug fs/cgroup power module; do
                    test ! -d /sys/$d || ls /sys/$d 2>/dev/null | grep . && echo "seen: $d"
                done
                grep ' /sys' /proc/self/mountinfo | cut -d' ' -f6 | grep -v '^ro,nosuid.*noexec' | sed 's/^/loose: /'
                """
            let entry = FilesystemEntry(target: "/sys", kind: .sysfs)
            var plan = try await scene.plan(command, [entry])
            let own = try await scene.jail(plan)
            #expect(own.output == "lo\nprocessors\n", "\(own)")
            plan.network = .host
            let host = try await scene.jail(plan)
            #expect(host.output.contains("processors"), "\(host)")
            #expect(!host.output.contains("seen:") && !host.output.contains("loose:"), "\(host)")
        }
    }

    @Test("shows the agent's own processes in /proc and nothing of its keeper", arguments: Person.all)
    func processes(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jail(
                """
                test ! -e /proc/1 && echo no-first
                test -r /proc/self/status && test -r /proc/$$/environ && echo self
                sleep 100 & until ps -e -o comm= | grep sleep; do :; done; kill $!
                for f in acpi asound interrupts kcore keys latency_stats sched_debug scsi timer_list timer_stats; do
                    test -e /proc/$f || continue
                    { ls -A /proc/$f/ || cat /proc/$f; } 2>/dev/null | head -c 1 | grep -q . && echo "seen: $f"
                done
                for f in bus fs irq sys; do grep -q " /proc/$f ro," /proc/self/mountinfo || echo "writable: $f"; done
                """, [])
            #expect(end.output == "no-first\nself\nsleep\n", "\(end)")
        }
    }

    @Test("copes with two hundred mounts and the longest path there is", arguments: Person.all)
    func extent(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let source = scene.makeDirectory("source")
            try scene.makeFile("source/file", "found\n")
            let many = (0..<200).map { FilesystemEntry.bind(source, at: "/many/\($0)") }
            let end = try await scene.jail("cat /many/*/file | sort | uniq -c", many)
            #expect(end.output.contains("200 found"), "\(end)")

            // 4095 bytes, the most that fits with its zero into PATH_MAX.
            let long = String(repeating: "/" + String(repeating: "d", count: 250), count: 16)
            let path = long + "/" + String(repeating: "e", count: 4095 - long.utf8.count - 1)
            var plan = try await scene.plan("cat file; pwd | wc -c", [.bind(source, at: path)])
            plan.command.workingDirectory = path
            let deep = try await scene.jail(plan)
            #expect(deep.output == "found\n4096\n", "\(deep)")
        }
    }

    @Test("leaves out what is optional and not there, or not the owner's to see", arguments: Person.all)
    func optional(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let file = try scene.makeFile("file", "x")
            var entries = [
                FilesystemEntry.bind("/no/such", optional: true), .bind(file + "/below", optional: true),
            ]
            if person == .ordinaryUser { entries.append(.bind("/root/.ssh", optional: true)) }
            let end = try await scene.jail("ls -d /no /root/.ssh 2>/dev/null; echo up", entries)
            #expect(end.output == "up\n", "\(end)")
        }
    }

    @Test(
        "lets no link that an agent left in its workspace choose what is shown, copied or made", arguments: Person.all)
    func leftLinks(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            scene.makeDirectory("outside")
            try scene.makeFile("outside/secret", "secret")
            symlink(scene.directory + "/outside", scene.workspace + "/link")
            let link = scene.workspace + "/link"
            let entries: [FilesystemEntry] = [
                .bind(link, at: "/mnt/x"), .bind(link + "/secret", at: "/mnt/x"),
                .bind(link + "/new", at: "/mnt/x", writable: true, create: true),
                .init(target: "/mnt/x", kind: .copy(source: link + "/secret", mode: 0o444)),
            ]
            for entry in entries {
                let end = try await scene.jail("cat /mnt/x /mnt/x/secret", [entry])
                #expect(end.status == 125 && end.error.contains("ELOOP") && end.output.isEmpty, "\(end)")
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: scene.directory + "/outside")
            #expect(left == ["secret"])
        }
    }

    @Test("touches nothing outside, whatever is swapped for a link while it is built", arguments: Person.all)
    func swaps(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            scene.makeDirectory("outside")
            scene.makeDirectory("work/real")
            scene.makeDirectory("work/real/sub")
            symlink(scene.directory + "/outside", scene.workspace + "/link")
            // Whoever has the workspace as well: another agent of the same owner.
            let swapper = try scene.start(
                [
                    "/usr/bin/python3", "-c",
                    """
                    import ctypes
                    libc = ctypes.CDLL(None)
                    while True:
                        libc.renameat2(-100, b"real", -100, b"link", 2)
                    """,
                ])
            let plan = try await scene.plan(
                "echo up",
                [
                    .protected(scene.workspace + "/real/sub/hooks"),
                    .init(target: scene.workspace + "/real", kind: .tmpfs(size: 4096, mode: 0o700, executable: false)),
                ])
            var withoutMount = plan
            withoutMount.filesystem.removeLast()
            for _ in 0..<15 {
                for plan in [plan, withoutMount] {
                    let end = try await scene.jail(plan)
                    let isRefused = end.status == 125 && (end.error.contains("ELOOP") || end.error.contains("ESTALE"))
                    #expect(end.output == "up\n" || isRefused, "\(end)")
                    let left = try FileManager.default.contentsOfDirectory(atPath: scene.directory + "/outside")
                    #expect(left == [])
                }
            }
            kill(swapper.pid, SIGKILL)
            _ = try await swapper.end()
        }
    }

    @Test("sets the jail's clocks ahead, and says so when that cannot be", arguments: Person.all)
    func clocks(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            func uptime(_ text: String) -> Double { Double(text.split(separator: " ").first ?? "") ?? 0 }
            var plan = try await scene.plan("cat /proc/uptime")
            plan.clockOffsets = .init(monotonic: 3600, boot: 7_200_000)
            let end = try await scene.jail(plan)
            let host = uptime(try String(contentsOfFile: "/proc/uptime", encoding: .utf8))
            #expect(uptime(end.output) > 7_200_000 && uptime(end.output) <= 7_200_000 + host + 1, "\(end)")
            plan.clockOffsets = .init(monotonic: -1_000_000_000, boot: 0)
            let refused = try await scene.jail(plan)
            #expect(refused.status == 125 && refused.error.contains("namespace.time"), "\(refused)")
            plan.degrade.append("clocks")
            let without = try await scene.jail(plan)
            #expect(without.status == 0 && uptime(without.output) < 7_200_000, "\(without)")
        }
    }
}
