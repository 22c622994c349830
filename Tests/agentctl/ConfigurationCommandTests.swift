// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import ScriptedDaemon
import Testing

@testable import agentctl

@Suite("profile, launcher, metrics, discover", .timeLimit(.minutes(20)))
struct ConfigurationCommandTests {
    private func run(_ daemon: ScriptedDaemon, _ words: String..., input: String = "") async throws
        -> RunningAgentCtl.End
    {
        try await RunningAgentCtl(words + ["--socket", daemon.path], input: input).end()
    }

    @Test("profiles and launchers are tables to people and the wire's objects to programs; what is wrong is said")
    func lists() async throws {
        let name = try ConfigurationName("mine")
        let profiles = [
            ProfileList.Summary(name: name, description: "a\u{1B}[2Jb", file: "/p/mine.yaml", isSound: true),
            .init(name: name, description: nil, file: "/p/x.yaml", isSound: false, problem: "/p/x.yaml:1:1: no"),
        ]
        let launchers = [
            LauncherList.Summary(
                name: name, file: "/l/mine.yaml", isSound: true, profile: name,
                program: .init(name: "codex", path: nil, problem: "no"), takesPrompt: true, takesArguments: true)
        ]
        let daemon = try await ScriptedDaemon.start { request, client in
            if request.method == ProfileList.name {
                client.result(ProfileList.Result(profiles: profiles), to: request)
            } else {
                client.result(LauncherList.Result(launchers: launchers), to: request)
            }
        }
        let table = try await run(daemon, "profile").output
        #expect(
            table == """
                NAME  FILE          DESCRIPTION
                mine  /p/mine.yaml  a\u{FFFD}[2Jb
                mine  /p/x.yaml     wrong: /p/x.yaml:1:1: no

                """)
        let json = try await run(daemon, "profile", "list", "--format", "json").output
        #expect(try JSONDecoder().decode([ProfileList.Summary].self, from: Data(json.utf8)) == profiles)
        let launcherTable = try await run(daemon, "launcher").output
        #expect(launcherTable.contains("mine  mine     not found: codex  prompt, arguments  -"))
        #expect(try await run(daemon, "profile", "-q").output == "mine\nmine\n")
        #expect(try await run(daemon, "launcher", "list", "-q").output == "mine\n")
        let columns = try await run(daemon, "launcher", "--columns", "file,resumes", "--color", "always").output
        #expect(columns.hasSuffix("/l/mine.yaml  no\n") && columns.hasPrefix("\u{1B}[1mFILE"))
        let painted = try await run(daemon, "profile", "--color", "always").output
        #expect(painted.contains("\u{1B}[31mwrong: "))
        #expect(try await run(daemon, "profile", "--columns", "program").status == 2)
        let line = try await run(daemon, "launcher", "list", "--format", "jsonl").output
        #expect(try JSONDecoder().decode(LauncherList.Summary.self, from: Data(line.utf8)) == launchers[0])
        try await daemon.stop()
    }

    @Test("profile check sends a name as a name and a file's text as text, and ends with 1 where something is wrong")
    func check() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "check-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "mine.yaml").path()
        try Data("extends: base\n".utf8).write(to: URL(filePath: file))
        let daemon = try await ScriptedDaemon.start { request, client in
            let isText = request.params?["text"] != nil
            let findings = [
                ProfileCheck.Finding(
                    severity: isText ? .error : .warning, file: "mine.yaml", line: isText ? 2 : nil,
                    column: isText ? 7 : nil, message: "no\u{1B}")
            ]
            client.result(
                ProfileCheck.Result(isSound: !isText, findings: findings, total: isText ? 5 : nil), to: request)
        }
        let stored = try await run(daemon, "profile", "check", "codex")
        #expect(stored.status == 0)
        #expect(stored.output == "warning: mine.yaml: no\u{FFFD}\nthe profile is sound\n")
        let text = try await run(daemon, "profile", "check", file)
        #expect(text.status == 1)
        #expect(text.output == "error: mine.yaml:2:7: no\u{FFFD}\nand 4 more\n")
        let input = try await run(daemon, "profile", "check", "-", "--format", "json", input: "extends: x\n")
        #expect(input.status == 1)
        #expect(
            daemon.requests.map(\.params) == [
                ["profile": "codex"], ["profile": "mine", "text": "extends: base\n"],
                ["profile": "stdin", "text": "extends: x\n"],
            ])
        #expect(try await run(daemon, "profile", "check", "/nonexistent/x.yaml").status == 1)
        #expect(try await run(daemon, "profile", "check", "NOT-A-NAME").status == 2)
        try await daemon.stop()
    }

    @Test("profile show is a profile with its files as comments; metrics and discover print what the daemon answers")
    func shows() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            switch request.method {
            case ProfileGet.name:
                client.result(
                    ProfileGet.Result(
                        name: try ConfigurationName("a"), files: ["/p/a.yaml", "/p/base.yaml"],
                        profile: ["limits": ["files": 64]]), to: request)
            case SupervisorMetrics.name: client.result(SupervisorMetrics.Result(text: "x 1\n# EOF\n"), to: request)
            default: client.result(["openrpc": "1.3.2"] as JSONValue, to: request)
            }
        }
        let shown = try await run(daemon, "profile", "show", "a").output
        #expect(shown.hasPrefix("# /p/a.yaml\n# /p/base.yaml\n{\n"))
        #expect(shown.contains("\"files\" : 64"))
        #expect(try await run(daemon, "metrics").output == "x 1\n# EOF\n")
        let document = try await run(daemon, "discover").output
        #expect(try JSONValue(parsing: document.utf8) == ["openrpc": "1.3.2"])
        try await daemon.stop()
    }
}
