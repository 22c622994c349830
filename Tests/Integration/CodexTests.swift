// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// The real Codex CLI as an agent, with the stand-in model of the tests.
@Suite("Codex", .enabled(if: Installation.codex != nil, "the Codex CLI was not fetched (scripts/fetch-codex)"))
struct CodexTests {
    @Test(
        "writes a file, runs a command and finishes; its output comes live and again from the log",
        .timeLimit(.minutes(20)), arguments: Person.all)
    func works(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withModel { model in
                try scene.configure(programs: ["codex": try #require(Installation.codex)])
                try await scene.withDaemon {
                    let prompt = "[write: hello.txt written by codex] [run: cat hello.txt; id -u] [say: All done.]"
                    let live = try await scene.agentctl(
                        ["start", "codex", prompt, "--name", "coder", "--follow", "--"] + model.codexArguments)
                    #expect(live.status == 0, "\(live)")
                    #expect(try scene.contents("hello.txt").hasPrefix("written by codex"))
                    #expect(live.output.contains("written by codex") && live.output.contains("All done."), "\(live)")
                    let log = try await scene.agentctl(["logs", "coder"])
                    #expect(log.output == live.output)
                    let list = try await scene.agentctl(["list", "--all", "--format", "json"])
                    let agents = try JSONDecoder().decode([ListedAgent].self, from: Data(list.output.utf8))
                    #expect(agents.map(\.name) == ["coder"])
                    #expect(agents.first?.state == "exited" && agents.first?.exit?.code == 0, "\(list)")
                }
            }
        }
    }

    @Test(
        "killed in the middle of its work and run again, it resumes its thread and repeats nothing",
        .timeLimit(.minutes(20)), arguments: Person.all)
    func resumes(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withModel { model in
                try scene.configure(programs: ["codex": try #require(Installation.codex)])
                try await scene.withDaemon {
                    let prompt =
                        "[run: echo ran >> count] [run: test -e again || { touch again; sleep 600; }] [say: All done.]"
                    let started = try await scene.agentctl(
                        ["start", "codex", prompt, "--name", "coder", "--restart", "on-failure", "--"]
                            + model.codexArguments)
                    #expect(started.status == 0, "\(started)")
                    #expect(try await eventually { access(scene.workspace + "/again", F_OK) == 0 })
                    #expect(try await scene.agentctl(["kill", "--signal", "KILL", "coder"]).status == 0)
                    let ended = try await scene.agentctl(["wait", "coder"])
                    let log = try await scene.agentctl(["logs", "coder"])
                    #expect(ended.status == 0, "\(ended) \(log)")
                    #expect(try scene.contents("count") == "ran\n")
                    #expect(log.output.contains("All done."), "\(log)")
                    let status = try await scene.agentctl(["status", "coder"])
                    #expect(
                        status.output.contains("2, after 1 restarts") && status.output.contains("SIGKILL"), "\(status)")
                }
            }
        }
    }

    @Test("its commands are as confined as it is", .timeLimit(.minutes(20)), arguments: Person.all)
    func confined(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withModel { model in
                try scene.configure(programs: ["codex": try #require(Installation.codex)])
                try await scene.withDaemon {
                    let prompt = """
                        [run: cat \(scene.canary) || echo no-read] [run: echo x > /usr/x || echo no-write; echo x > \(scene.canary)] \
                        [run: mount -t tmpfs none /mnt || echo no-mount] [run: ls \(scene.directory)/state || echo no-state]
                        """
                    let live = try await scene.agentctl(
                        ["start", "codex", prompt, "--follow", "--"] + model.codexArguments)
                    for word in ["no-read\\n", "no-write\\n", "no-mount\\n", "no-state\\n"] {
                        #expect(live.output.contains(word), "\(word) in \(live)")
                    }
                    #expect(try String(contentsOfFile: scene.canary, encoding: .utf8) == "unharmed")
                }
            }
        }
    }
}

struct ListedAgent: Decodable {
    var id: String
    var name: String
    var state: String
    var pid: Int?
    var exit: Exit?

    struct Exit: Decodable {
        var code: Int?
        var signal: String?
        var reason: String
    }
}

/// The stand-in for OpenAI's servers, while it runs.
struct StandInModel: Sendable {
    var port: String

    /// What points the Codex CLI at it: a provider without a key, and a model with the classic tools.
    var codexArguments: [String] {
        [
            "-m", "gpt-5.5", "-c", "model_provider=\"standin\"", "-c", "model_providers.standin.name=\"standin\"",
            "-c", "model_providers.standin.base_url=\"http://127.0.0.1:\(port)/v1\"",
            "-c", "model_providers.standin.wire_api=\"responses\"",
            "-c", "model_providers.standin.supports_websockets=false",
        ]
    }
}

extension Scene {
    /// Runs `body` with a stand-in model, which ends when its standard input does.
    func withModel(_ body: (StandInModel) async throws -> Void) async throws {
        let pipe = try Pipe()
        let file = directory + "/run/model-port"
        let server = try start(
            [
                "/usr/bin/env", "python3", Installation.repository + "/Tests/Support/model-server", "--port", "0",
                "--port-file", file, "--until-stdin-closes",
            ], input: pipe.reading.number)
        #expect(try await eventually { access(file, R_OK) == 0 }, "\(server.error)")
        let port = try String(contentsOfFile: file, encoding: .utf8).filter(\.isNumber)
        do {
            try await body(StandInModel(port: port))
        } catch {
            kill(server.pid, SIGTERM)
            throw error
        }
        kill(server.pid, SIGTERM)
        _ = try await server.end()
    }

    /// Writes the daemon's configuration.
    func configure(programs: [String: String]) throws {
        let directory = home + "/.config/agent-supervisor"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let lines = programs.map { "  \($0): \($1)\n" }.joined()
        try Data("programs:\n\(lines)".utf8).write(to: URL(filePath: directory + "/config.yaml"))
    }

    func contents(_ name: String) throws -> String {
        try String(contentsOfFile: workspace + "/" + name, encoding: .utf8)
    }
}
