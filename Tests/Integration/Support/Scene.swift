// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// A directory with a home, a workspace and something secret beside them, all of one person's, and a daemon if wanted.
final class Scene: Sendable {
    let person: Person
    /// Readable by all, so that it is the jail that hides what it hides.
    let directory: String
    var home: String { directory + "/home" }
    var workspace: String { directory + "/work" }
    /// A file that the person may read and write, outside everything that a jail is given.
    var canary: String { directory + "/canary" }

    /// Runs `body` in a new scene, which is gone after it, with all that it started.
    static func run(_ person: Person, _ body: (Scene) async throws -> Void) async throws {
        let scene = try Scene(person)
        do {
            try await body(scene)
        } catch {
            scene.remove()
            throw error
        }
        scene.remove()
    }

    private init(_ person: Person) throws {
        self.person = person
        var template = Array("/var/tmp/agent-supervisor-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("make a directory", errno: errno) }
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        for path in [directory, home, workspace, directory + "/run"] {
            mkdir(path, 0o755)
            chmod(path, 0o755)
            chown(path, person.uid, person.uid)
        }
        try Data("unharmed".utf8).write(to: URL(filePath: canary))
        chown(canary, person.uid, person.uid)
        chmod(canary, 0o644)
    }

    private func remove() {
        try? FileManager.default.removeItem(atPath: directory)
    }

    var environment: [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "XDG_RUNTIME_DIR": directory + "/run",
            "XDG_STATE_HOME": directory + "/state",
        ]
    }

    /// Starts one of the project's programs, or of the host's by its path, as this scene's person.
    func start(_ arguments: [String], input: Int32? = nil) throws -> Program {
        var arguments = arguments
        if !arguments[0].hasPrefix("/") { arguments[0] = Installation.programs + "/" + arguments[0] }
        return try Program(
            person.prefix + arguments, environment: environment, directory: workspace, input: input,
            files: directory + "/output-\(UUID().uuidString)")
    }

    func run(_ arguments: [String]) async throws -> Program.End {
        try await start(arguments).end()
    }

    /// Runs a shell command in a jail of `profile` (a shipped one by name, or a file).
    func jail(
        _ command: String, profile: String = "base", options: [String] = []
    ) async throws -> Program.End {
        let file = profile.hasPrefix("/") ? profile : Installation.profile(profile)
        return try await run(
            ["jail", "run", "--profile", file, "--workspace", workspace] + options + ["--", "/bin/sh", "-c", command])
    }

    /// Runs `body` with a daemon of this person's own.
    func withDaemon(_ body: () async throws -> Void) async throws {
        try await withDaemon { _ in try await body() }
    }

    /// The same for a body that wants the daemon's pid.
    func withDaemon(_ body: (Int32) async throws -> Void) async throws {
        let daemon = try startDaemon()
        do {
            try await waitForDaemon(daemon)
            try await body(daemon.pid)
        } catch {
            Issue.record("the daemon said: \(daemon.error)")
            try await stop(daemon)
            throw error
        }
        try await stop(daemon)
    }

    func startDaemon() throws -> Program {
        try start(["supervisord", "--user"])
    }

    func waitForDaemon(_ daemon: Program) async throws {
        let listens = try await eventually {
            daemon.error.contains("listening on") || daemon.output.contains("listening on")
        }
        guard listens else {
            throw Program.Hung(description: "the daemon does not listen: \(daemon.output) \(daemon.error)")
        }
    }

    private func stop(_ daemon: Program) async throws {
        for agent in try await agents() { _ = try await agentctl(["rm", "--force", agent]) }
        kill(daemon.pid, SIGTERM)
        _ = try await daemon.end()
    }

    func agentctl(_ arguments: [String]) async throws -> Program.End {
        try await run(["agentctl"] + arguments)
    }

    /// The ids of all agents.
    private func agents() async throws -> [String] {
        let list = try await agentctl(["list", "--format", "json"])
        guard let objects = try? JSONDecoder().decode([Listed].self, from: Data(list.output.utf8)) else { return [] }
        return objects.map(\.id)
    }

    private struct Listed: Decodable {
        var id: String
    }
}
