// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// Agents under a daemon, driven with agentctl as a person does.
@Suite("agents", .timeLimit(.minutes(3))) struct AgentTests {
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
