// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// Agents under a daemon, driven with agentctl as a person does.
@Suite("agents", .timeLimit(.minutes(20))) struct AgentTests {
    @Test("rm -rf / in a jail leaves the host untouched, and its output and end are there", arguments: Person.all)
    func removeEverything(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                let script = "echo begin; rm -rf --no-preserve-root / 2>&1 | tail -3; echo end"
                let end = try await scene.agentctl(
                    ["start", "--name", "wild", "--follow", "--", "/bin/sh", "-c", script])
                #expect(end.output.contains("begin"), "\(end)")
                let agent = try await scene.agent("wild")
                #expect(agent.state == "exited" && agent.exit != nil, "\(agent)")
                #expect(try String(contentsOfFile: scene.canary, encoding: .utf8) == "unharmed")
                for path in ["/bin/sh", "/usr/bin/env", "/etc/passwd", "/dev/null", scene.home, scene.workspace] {
                    #expect(access(path, F_OK) == 0, "\(path)")
                }
                #expect(try await scene.agentctl(["logs", "wild"]).output.contains("begin"))
            }
        }
    }

    @Test("kill ends what double-forked, ignores every signal and closed its descriptors", arguments: Person.all)
    func kill(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                let hide =
                    "trap '' HUP INT TERM; exec >/dev/null 2>&1 </dev/null; (setsid sleep \(person.sleep(3)) &) & wait"
                let script = "(setsid sh -c \"\(hide)\" &) & echo up; trap '' INT TERM; while :; do sleep 1; done"
                let start = try await scene.agentctl(["start", "--name", "stubborn", "--", "/bin/sh", "-c", script])
                #expect(start.status == 0, "\(start)")
                #expect(try await eventually { isRunning("sleep\u{0}\(person.sleep(3))") })
                #expect(try await scene.agentctl(["kill", "stubborn"]).status == 0)
                #expect(!isRunning("sleep\u{0}\(person.sleep(3))"))
                let agent = try await scene.agent("stubborn")
                #expect(agent.state == "exited" && agent.exit?.reason == "killed", "\(agent)")
            }
        }
    }

    @Test("kill ends an agent also when its owner has stopped the jail's first process", arguments: Person.all)
    func stoppedInit(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                _ = try await scene.agentctl(["start", "--name", "a", "--", "/bin/sleep", "600"])
                let pid = try #require(try await scene.agent("a").pid)
                let first = try #require(Int32(try status(pid)["PPid"] ?? ""))
                Glibc.kill(first, SIGSTOP)
                #expect(try await scene.agentctl(["kill", "a"]).status == 0)
                #expect(try await scene.agent("a").exit?.reason == "killed")
                #expect(Glibc.kill(first, 0) != 0)
            }
        }
    }

    @Test("a terminal handed to a process outside does not keep an ended agent alive", arguments: Person.all)
    func leakedTerminal(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                let path = scene.workspace + "/s"
                let receive = """
                    import os, socket, sys
                    listener = socket.socket(socket.AF_UNIX); listener.bind("\(path)"); listener.listen()
                    os.chmod("\(path)", 0o777)
                    kept = socket.recv_fds(listener.accept()[0], 1, 1); print("kept", flush=True); sys.stdin.read()
                    """
                let send = """
                    import socket
                    s = socket.socket(socket.AF_UNIX); s.connect("\(path)"); socket.send_fds(s, [b"x"], [1]); print("sent")
                    """
                let pipe = try Pipe()
                let receiver = try scene.start(["/usr/bin/python3", "-c", receive], input: pipe.reading.number)
                #expect(try await eventually { access(path, F_OK) == 0 })
                _ = try await scene.agentctl(["start", "--name", "a", "--", "/usr/bin/python3", "-c", send])
                #expect(try await scene.agentctl(["wait", "a"]).status == 0)
                #expect(try await eventually { receiver.output == "kept\n" })
                #expect(try await scene.agentctl(["logs", "a"]).output.contains("sent"))
                Glibc.kill(receiver.pid, SIGTERM)
                _ = try await receiver.end()
            }
        }
    }

    @Test("a shim has one thread, and no capability", arguments: Person.all)
    func shim(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                _ = try await scene.agentctl(["start", "--name", "a", "--", "/bin/sleep", "600"])
                let pid = try #require(try await scene.agent("a").pid)
                let agent = try status(pid)
                let first = try status(try #require(Int(agent["PPid"] ?? "")))
                let shim = try status(try #require(Int(first["PPid"] ?? "")))
                #expect(shim["Name"] == "jail" && shim["Threads"] == "1" && first["Threads"] == "1")
                #expect(shim["CapEff"] == "0000000000000000" && shim["CapPrm"] == "0000000000000000")
                #expect(shim["Seccomp"] == "2" && shim["NoNewPrivs"] == "1")
                // Neither may be traced by the agent, which is the same user in user mode.
                #expect(first["CapEff"] == "0000000000000000")
            }
        }
    }

    private func status(_ pid: Int) throws -> [String: String] {
        let file = try Files.open("/proc/\(pid)/status", O_RDONLY)
        let text = String(decoding: try Files.readAll(file.number), as: UTF8.self)
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].filter { $0 != "\t" && $0 != " " }
            return (String(line[..<colon]), String(value))
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

extension Scene {
    func agent(_ name: String) async throws -> ListedAgent {
        let end = try await agentctl(["status", name, "--format", "json"])
        return try JSONDecoder().decode(ListedAgent.self, from: Data(end.output.utf8))
    }
}
