// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// Limits of a jail as a whole, where the host has what they take.
@Suite(
    "limits of the whole jail", .timeLimit(.minutes(20)),
    .enabled(if: !Delegation.people.isEmpty, "\(Delegation.reason)"))
struct LimitTests {
    private func profile(_ scene: Scene, _ limits: String) throws -> String {
        let file = scene.directory + "/profile.yaml"
        // What base lets be missing may not be missing here: that would be no test.
        try Data("extends: base\nlimits: {\(limits)}\n".utf8).write(to: URL(filePath: file))
        let base = try String(contentsOfFile: Installation.profile("base"), encoding: .utf8)
        let strict = base.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("degrade:") ? "degrade: []" : String($0) }.joined(separator: "\n")
        try Data(strict.utf8).write(to: URL(filePath: scene.directory + "/base.yaml"))
        for path in [file, scene.directory + "/base.yaml"] { chmod(path, 0o644) }
        return file
    }

    private func run(_ scene: Scene, _ limits: String, _ command: String) async throws -> Program.End {
        let prefix = try #require(Delegation.prefix(for: scene.person, in: scene.directory))
        return try await scene.run(
            prefix + [
                Installation.programs + "/jail", "run", "--profile", try profile(scene, limits), "--workspace",
                scene.workspace, "--", "/bin/sh", "-c", command,
            ])
    }

    @Test("a jail that uses up its memory ends as a whole, and says so", arguments: Delegation.people)
    func memory(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let greedy = "(setsid sleep \(person.sleep(30)) &); python3 -c 'bytearray(200 << 20)'; echo survived"
            let end = try await run(scene, "memory: 64M, swap: 0", greedy)
            #expect(end.status == 137 && end.error.contains("memory"), "\(end)")
            #expect(!end.output.contains("survived") && !isRunning("sleep\u{0}\(person.sleep(30))"))
            let modest = try await run(scene, "memory: 256M, swap: 0", "python3 -c 'bytearray(20 << 20)'; echo fine")
            #expect(modest.status == 0 && modest.output == "fine\n", "\(modest)")
        }
    }

    @Test("no more processes than the limit can be started", arguments: Delegation.people)
    func processes(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await run(
                scene, "pids: 20",
                "i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); done 2>errors; grep -c . errors; echo end")
            #expect(end.output.hasSuffix("end\n") || end.status != 0, "\(end)")
            let errors = try String(contentsOfFile: scene.workspace + "/errors", encoding: .utf8)
            #expect(errors.contains("fork"), "\(end) \(errors)")
        }
    }

    @Test("an agent's end for want of memory is known also when no daemon was there", arguments: Delegation.people)
    func agent(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let prefix = try #require(Delegation.prefix(for: person, in: scene.directory))
            let daemon = [Installation.programs + "/supervisord", "--user"]
            let first = try scene.start(prefix + daemon)
            try await scene.waitForDaemon(first)
            let script = "while [ ! -e go ]; do sleep 0.05; done; python3 -c 'bytearray(200 << 20)'"
            let request = """
                {"jsonrpc":"2.0","id":1,"method":"agent/start","params":{"name":"a","workspace":"\(scene.workspace)",\
                "command":["/bin/sh","-c","\(script)"],"limits":{"memory":"64M","swap":0}}}
                """
            let answer = try await scene.run(["/usr/bin/python3", "-c", EndTests.request, request])
            #expect(answer.output.contains("\"running\""), "\(answer)")
            let pid = Int32(try #require(try await scene.agent("a").pid))
            let cgroup = "/sys/fs/cgroup" + (try status(of: pid))
            #expect(access(cgroup, F_OK) == 0 && cgroup.contains("agent-"))
            // systemd-run has become the daemon: in a scope it executes the command itself.
            kill(first.pid, SIGKILL)
            _ = try await first.end()
            try Data().write(to: URL(filePath: scene.workspace + "/go"))
            #expect(try await eventually { kill(pid, 0) != 0 })
            try await scene.withDaemon {
                let agent = try await scene.agent("a")
                #expect(agent.exit?.reason == "out_of_memory", "\(agent)")
                #expect(try await eventually { access(cgroup, F_OK) != 0 })
            }
        }
    }

    /// The path of a process's cgroup.
    private func status(of pid: Int32) throws -> String {
        let text = try String(contentsOfFile: "/proc/\(pid)/cgroup", encoding: .utf8)
        return String(try #require(text.split(separator: "\n").first { $0.hasPrefix("0::") }).dropFirst(3))
    }
}
