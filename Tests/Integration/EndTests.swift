// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// How jails end by themselves, by time or by what they use, and what is left of them: nothing.
@Suite("how a jail ends", .timeLimit(.minutes(20))) struct EndTests {
    /// A profile of these lines over base, and the command line that runs a command under it.
    private func profile(_ scene: Scene, _ lines: String) throws -> String {
        let file = scene.directory + "/profile.yaml"
        try Data("extends: base\n\(lines)\n".utf8).write(to: URL(filePath: file))
        if access(scene.directory + "/base.yaml", F_OK) != 0 {
            try FileManager.default.copyItem(
                atPath: Installation.profile("base"), toPath: scene.directory + "/base.yaml")
        }
        for path in [file, scene.directory + "/base.yaml"] { chmod(path, 0o644) }
        return file
    }

    @Test(
        "a command that ignores every signal is ended when its time is over, with all that it hid",
        arguments: Person.all)
    func wallTime(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jail(
                """
                trap '' TERM; trap 'echo told >> told' INT
                (setsid sh -c 'trap "" INT TERM HUP; sleep \(person.sleep(20))' >/dev/null 2>&1 &)
                while :; do sleep 0.05; done
                """, profile: try profile(scene, "timeouts: {wall: 1s, grace: 400ms}"))
            #expect(end.status == 124 && end.error.contains("1s"), "\(end)")
            // The first of the signals came, and was not heeded.
            #expect(try String(contentsOfFile: scene.workspace + "/told", encoding: .utf8).hasPrefix("told\n"))
            #expect(!isRunning("sleep\u{0}\(person.sleep(20))"))
            #expect(try !String(contentsOfFile: "/proc/self/mounts", encoding: .utf8).contains(scene.directory))
        }
    }

    @Test("a command that ends when it is told has still run out of time", arguments: Person.all)
    func politeEnd(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jail(
                "trap 'echo saved; exit 0' INT; while :; do sleep 0.05; done", options: ["--timeout", "500ms"])
            #expect(end.status == 124 && end.output == "saved\n", "\(end)")
            // A timeout on the command line can only be the shorter one.
            let shorter = try await scene.jail(
                "sleep 600", profile: try profile(scene, "timeouts: {wall: 500ms, grace: 100ms}"),
                options: ["--timeout", "1h"])
            #expect(shorter.status == 124, "\(shorter)")
        }
    }

    @Test("processor time is that of all processes, those that have ended included", arguments: Person.all)
    func processorTime(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let profile = try profile(scene, "timeouts: {cpu: 800ms, wall: 2m, grace: 100ms}")
            // No process of these uses as much by itself.
            let end = try await scene.jail(
                "while :; do sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'; done", profile: profile)
            #expect(end.status == 124 && end.error.contains("processor time"), "\(end)")
            let idle = try await scene.jail("sleep 1; echo done", profile: profile)
            #expect(idle.status == 0 && idle.output == "done\n", "\(idle)")
        }
    }

    @Test(
        "time and signals come also when nobody reads the terminal that the command writes to", arguments: Person.all,
        ["<&0", "< /dev/null"])
    func unreadTerminal(_ person: Person, _ input: String) async throws {
        try await Scene.run(person) { scene in
            // On a terminal of the jail's own, or with a pipe in between.
            let file = try profile(scene, "timeouts: {wall: \(input == "<&0" ? "1s" : "10m"), grace: 100ms}")
            let jail =
                "exec \(Installation.programs)/jail run --profile \(file) --workspace \(scene.workspace) -- "
                + "/bin/sh -c 'head -c 300000 /dev/zero | tr \"\\\\0\" x; echo > written; sleep 600' \(input)"
            let terminal = """
                import os, pty, signal, sys, time
                child, master = pty.fork()
                if child == 0: os.execv("/bin/sh", ["sh", "-c", sys.argv[1]])
                if len(sys.argv) > 2:
                    time.sleep(2)
                    os.kill(child, signal.SIGTERM); time.sleep(0.5); os.kill(child, signal.SIGTERM)
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                """
            let end = try await scene.run(
                ["/usr/bin/python3", "-c", terminal, jail] + (input == "<&0" ? [] : ["told"]))
            #expect(end.output == (input == "<&0" ? "124\n" : "143\n"), "\(end)")
            // It is the agent that had to wait.
            #expect(!scene.exists("work/written"))
        }
    }

    @Test("the status stream says what became of the jail, to its end", arguments: Person.all)
    func statusStream(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let work = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exit 3"
            let lines = try await statusLines(scene, ["--", "/bin/sh", "-c", work])
            #expect(lines.map(\.event).filter { $0 != "missing" } == ["started", "ended"])
            let started = try #require(lines.first { $0.event == "started" })
            #expect(started.pid ?? 0 > 0 && started.initPID ?? 0 > 0 && started.pid != started.initPID)
            let ended = try #require(lines.last)
            #expect(ended.status == 3 && ended.code == 3 && ended.reason == "exited", "\(ended)")
            #expect(ended.usage?.userTime ?? 0 > 0 && ended.usage?.largestProcess ?? 0 > 100_000, "\(ended)")
            #expect(ended.usage?.wall ?? -1 >= 0)

            let timedOut = try await statusLines(scene, ["--timeout", "300ms", "--", "/bin/sleep", "600"]).last
            #expect(timedOut?.reason == "wall_time" && timedOut?.status == 124, "\(timedOut as Any)")
            let killed = try await statusLines(scene, ["--", "/bin/sh", "-c", "kill -KILL $$"]).last
            #expect(killed?.reason == "signaled" && killed?.signal == SIGKILL && killed?.status == 137)
            // Also when the command never ran.
            let failed = try await statusLines(scene, ["--", "no-such-command"])
            #expect(failed.map(\.event).filter { $0 != "missing" } == ["ended"] && failed.last?.reason == "failed")
            #expect(failed.last?.status == 127 && failed.last?.failure?.stage == "exec", "\(failed)")
        }
    }

    private func statusLines(_ scene: Scene, _ words: [String]) async throws -> [StatusLine] {
        // A shell, because the test itself can only hand over the standard streams.
        let command = [
            "/bin/sh", "-c", "exec 9>status; exec \"$@\"", "sh", Installation.programs + "/jail", "run", "--profile",
            Installation.profile("base"), "--status-fd", "9",
        ]
        _ = try await scene.run(command + words)
        let text = try String(contentsOfFile: scene.workspace + "/status", encoding: .utf8)
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode(StatusLine.self, from: Data($0.utf8))
        }
    }

    private struct StatusLine: Decodable {
        struct Usage: Decodable {
            var wall: Int64?
            var userTime: Int64?
            var largestProcess: Int64?
        }
        struct Failure: Decodable {
            var stage: String
        }
        var event: String
        var pid: Int32?
        var initPID: Int32?
        var status: Int32?
        var code: Int32?
        var signal: Int32?
        var reason: String?
        var usage: Usage?
        var failure: Failure?
    }

    @Test("gives its command open files under their own numbers, and nothing else", arguments: Person.all)
    func passedDescriptors(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let jail = "\(Installation.programs)/jail run --profile \(Installation.profile("base"))"
            let end = try await scene.run([
                "/bin/sh", "-c",
                "exec 3<\(scene.canary) 7<\(scene.canary) 8<\(scene.canary); "
                    + "\(jail) --pass-fd 7 --pass-fd 3 -- /bin/sh -c 'cat <&7; cat <&3; ls /proc/self/fd | tr \"\\n\" \" \"'",
            ])
            // Descriptor 4 is the directory that ls reads.
            #expect(end.output == "unharmedunharmed0 1 2 3 4 7 ", "\(end)")
        }
    }

    @Test("executes an open program that the jail itself does not show, under any name", arguments: Person.all)
    func openProgram(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try FileManager.default.copyItem(atPath: "/bin/dash", toPath: scene.directory + "/program")
            chmod(scene.directory + "/program", 0o755)
            let end = try await scene.run([
                "/bin/sh", "-c",
                "exec 9<../program; exec \(Installation.programs)/jail run --profile \(Installation.profile("base")) "
                    + "--execute-fd 9 --argv0 sh -- called -c 'echo $0; ls -l /proc/self/fd | grep -c program'",
            ])
            #expect(end.output == "sh\n0\n" || end.output == "called\n0\n", "\(end)")
        }
    }

    @Test("says with --log-file what it has to say, and leaves standard error to the command", arguments: Person.all)
    func logFile(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jail(
                "echo mine >&2; sleep 600", options: ["--timeout", "300ms", "--log-file", "messages"])
            #expect(end.status == 124 && end.error == "mine\n", "\(end)")
            let messages = try String(contentsOfFile: scene.workspace + "/messages", encoding: .utf8)
            #expect(messages.contains("300ms"))
            let wrong = try await scene.jail("true", options: ["--set", "limits: {x: 1}", "--log-file", "wrong"])
            #expect(wrong.status == 125 && wrong.error.isEmpty, "\(wrong)")
            #expect(scene.content("work/wrong")?.contains("--set:1:10: unknown key \"x\"") == true, "\(wrong)")
        }
    }

    @Test("a command on a terminal keeps the standard error that it was given", arguments: Person.all)
    func standardErrorBesideTerminal(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let jail =
                "\(Installation.programs)/jail run --profile \(Installation.profile("base")) --workspace . -- "
                + "/bin/sh -c 'echo problem >&2; tty; test -t 2 || echo no'"
            let spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
            let end = try await scene.run(["/usr/bin/python3", "-c", spawn, "/bin/sh", "-c", jail + " 2>error"])
            #expect(end.output == "/dev/pts/0\r\nno\r\n", "\(end)")
            #expect(scene.content("work/error")?.contains("problem\n") == true)
            let both = try await scene.run(["/usr/bin/python3", "-c", spawn, "/bin/sh", "-c", jail])
            #expect(
                both.output.contains("problem\r\n") && both.output.contains("/dev/pts/0\r\n")
                    && !both.output.contains("no\r\n"), "\(both)")
        }
    }

    // MARK: - Under a daemon

    @Test("an agent ends when its time is over, whether a daemon is there or not", arguments: Person.all)
    func agentWithoutDaemon(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let first = try scene.startDaemon()
            try await scene.waitForDaemon(first)
            let start = """
                {"jsonrpc":"2.0","id":1,"method":"agent/start","params":{"name":"a","command":["/bin/sh","-c",\
                "trap 'exit 5' INT; echo up; while :; do sleep 0.05; done"],"timeouts":{"wall":"8s","grace":"2s"}}}
                """
            let answer = try await scene.run(["/usr/bin/python3", "-c", Self.request, start])
            #expect(answer.output.contains("\"running\""), "\(answer)")
            // Asked of the same answer: on a slow machine its time may be over before the next.
            let text = try #require(answer.output.firstRange(of: "\"pid\":").map { answer.output[$0.upperBound...] })
            let pid = try #require(Int32(text.prefix { $0.isNumber }))
            kill(first.pid, SIGKILL)
            _ = try await first.end()
            // Nobody but its shim is there to end it.
            #expect(try await eventually { kill(pid, 0) != 0 })
            try await scene.withDaemon {
                let agent = try await scene.agent("a")
                #expect(agent.exit?.reason == "wall_time" && agent.exit?.code == 5, "\(agent)")
                let usage = try await scene.call("agent/usage", "{\"agent\":\"a\"}")
                #expect(usage.contains("userMicroseconds") && usage.contains("wallMilliseconds"), "\(usage)")
                let policy = try await scene.call("agent/get", "{\"agent\":\"a\",\"include\":[\"policy\"]}")
                #expect(policy.contains("\"sha256\"") && policy.contains("\"landlock\""), "\(policy)")
            }
        }
    }

    static let request = """
        import os, socket, sys
        s = socket.socket(socket.AF_UNIX)
        s.connect(os.environ["XDG_RUNTIME_DIR"] + "/agent-supervisor/control.sock")
        s.sendall(sys.argv[1].encode() + b"\\n")
        print(s.makefile().readline())
        """
}

extension Scene {
    /// The answer to one request of the daemon, as it came.
    func call(_ method: String, _ params: String) async throws -> String {
        try await run([
            "/usr/bin/python3", "-c", EndTests.request,
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\(method)\",\"params\":\(params)}",
        ]).output
    }
}
