// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux

extension Scene {
    /// A plan for a shell command in a jail of the base profile, to be changed by hand and given to `jail(_:)`.
    func plan(_ command: String, _ entries: [FilesystemEntry] = []) async throws -> JailPlan {
        let end = try await run(
            [
                "jail-profile", "compile", "--profile", Installation.profile("base"), "--workspace", workspace,
                "--inherit", "--", "/bin/sh", "-c", command,
            ])
        var plan = try JSONDecoder().decode(JailPlan.self, from: Data(end.output.utf8))
        plan.filesystem += entries
        return plan
    }

    /// Starts a jail of this plan.
    func start(_ plan: JailPlan) throws -> Program {
        let file = directory + "/plan-\(UUID().uuidString).json"
        try JSONEncoder().encode(plan).write(to: URL(filePath: file))
        chmod(file, 0o644)
        return try start(["jail", "run", "--plan", file])
    }

    func jail(_ plan: JailPlan) async throws -> Program.End {
        try await start(plan).end()
    }

    func jail(_ command: String, _ entries: [FilesystemEntry]) async throws -> Program.End {
        try await jail(plan(command, entries))
    }

    /// Makes a directory of this person's, below the scene's.
    @discardableResult
    func makeDirectory(_ name: String, mode: mode_t = 0o755) -> String {
        let path = directory + "/" + name
        mkdir(path, mode)
        chmod(path, mode)
        chown(path, person.uid, person.uid)
        return path
    }

    /// Makes a file of this person's, below the scene's.
    @discardableResult
    func makeFile(_ name: String, _ content: String, mode: mode_t = 0o644) throws -> String {
        let path = directory + "/" + name
        try Data(content.utf8).write(to: URL(filePath: path))
        chmod(path, mode)
        chown(path, person.uid, person.uid)
        return path
    }

    /// Runs a shell command outside of any jail, as this person, in the workspace.
    @discardableResult
    func shell(_ command: String) async throws -> Program.End {
        try await run(["/bin/sh", "-ec", command])
    }

    func content(_ name: String) -> String? {
        try? String(contentsOfFile: directory + "/" + name, encoding: .utf8)
    }

    func exists(_ name: String) -> Bool {
        var status = stat()
        return lstat(directory + "/" + name, &status) == 0
    }
}

extension FilesystemEntry {
    static func bind(
        _ path: String, at target: String? = nil, writable: Bool = false, optional: Bool = false,
        executable: Bool = true, create: Bool = false
    ) -> FilesystemEntry {
        let bind = Bind(
            source: .path(path), writable: writable, optional: optional, executable: executable, create: create)
        return FilesystemEntry(target: target ?? path, kind: .bind(bind), origin: "test.yaml:1")
    }

    static func protected(_ path: String) -> FilesystemEntry {
        FilesystemEntry(target: path, kind: .protected, origin: "test.yaml:1")
    }
}
