// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// A workspace with an overlay over it, mounted without privilege and with the options that the jail uses.
struct Overlay: Sendable {
    let scene: Scene
    var workspace: String { scene.workspace }
    var directory: String { scene.directory + "/changes" }

    /// Everything in the working directory but FIFOs: names, kinds, modes, sizes, link targets, contents.
    static let manifest = """
        { find . -path './closed/*' -o ! -path . ! -type p \\( -type d -printf '%p %y %m\\n' -o -printf '%p %y %m %s %l\\n' \\) \
        | LC_ALL=C sort; \
        find . -type f -size -1000k -readable ! -path './closed/*' -exec sha256sum {} + | LC_ALL=C sort; } 2>/dev/null
        """

    /// Runs `body` with a workspace that `script` made, and looks after it that nothing outside was touched.
    static func run(_ person: Person, _ script: String, _ body: (Overlay) async throws -> Void) async throws {
        try await Scene.run(person) { scene in
            let overlay = Overlay(scene: scene)
            var before = stat()
            lstat(scene.canary, &before)
            try overlay.write(
                "baseline.py",
                """
                import json, os, time
                status = os.stat('work')
                json.dump({'version': 1, 'start': time.clock_gettime_ns(5), 'lower': os.path.abspath('work'),
                    'device': status.st_dev, 'inode': status.st_ino}, open('changes/baseline.json', 'w'))
                """)
            chown(scene.directory, person.uid, person.uid)
            try await overlay.shell(
                """
                set -e
                mkdir changes changes/upper changes/work; cd work
                \(script)
                # A time stamp is as coarse as the kernel's clock (CLOCK_REALTIME_COARSE, number 5).
                cd ..; sleep 0.05; python3 baseline.py
                """)
            try await body(overlay)
            var after = stat()
            lstat(scene.canary, &after)
            #expect(after.st_ino == before.st_ino && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec)
            #expect(after.st_mode == before.st_mode && after.st_ctim.tv_nsec == before.st_ctim.tv_nsec)
            #expect(try overlay.read("canary") == "unharmed")
            // So that the scene can be removed by whoever runs the tests.
            try await overlay.shell("chmod -R u+rwX work changes")
        }
    }

    /// What a shell command of the person's writes, in the scene's directory.
    @discardableResult
    func shell(_ command: String) async throws -> String {
        let end = try await scene.run(["/bin/sh", "-c", "cd \(scene.directory)\n" + command])
        #expect(end.status == 0, "\(command): \(end)")
        return end.output
    }

    /// Runs a shell command in the overlay, as an agent would.
    func agent(_ command: String) async throws {
        try write("agent.sh", command)
        let mount =
            "mount -t overlay overlay -o userxattr,lowerdir=work,upperdir=changes/upper,workdir=changes/work work"
        let end = try await scene.run([
            "/usr/bin/unshare", "-Urm", "/bin/sh", "-c",
            "cd \(scene.directory) && \(mount) && cd work && exec sh ../agent.sh",
        ])
        #expect(end.status == 0, "\(command): \(end)")
    }

    func changes(_ action: String, _ arguments: [String] = []) async throws -> Program.End {
        try await scene.run(["jail", "changes", action, "--changes", directory] + arguments)
    }

    /// What `--format json` gives, whatever the action.
    struct Answer: Decodable, Sendable {
        struct Note: Decodable {
            var path: String
            var code: String
            var message: String
        }
        struct Side: Decodable {
            var kind: String
            var mode: String
            var size: Int64?
            var target: String?
        }
        struct Change: Decodable {
            var path: String
            var pathBase64: String?
            var change: String
            var old: Side?
            var new: Side?
            var renamedFrom: String?
            var renamedTo: String?
        }
        struct Path: Decodable {
            var path: String
        }
        struct Diff: Decodable {
            var path: String
            var text: String
            var isCut: Bool
        }

        var status: Int32?
        var version: Int
        var inUse: Bool?
        var changes: [Change]?
        var obstacles: [Note]?
        var diffs: [Diff]?
        var isComplete: Bool?
        var applied: [Path]?
        var discarded: [Path]?
        var refused: [Note]?
        var skipped: [Note]?
        var warnings: [Note]?
        var failure: String?
    }

    func json(_ action: String, _ arguments: [String] = []) async throws -> Answer {
        let end = try await changes(action, ["--format", "json"] + arguments)
        do {
            var answer = try JSONDecoder().decode(Answer.self, from: Data(end.output.utf8))
            answer.status = end.status
            #expect(answer.version == 1)
            return answer
        } catch {
            Issue.record("\(error): \(end)")
            throw error
        }
    }

    /// What changed, by path; with where it came from if it was renamed.
    func list() async throws -> [String: String] {
        let answer = try await json("list")
        #expect(answer.status == 0)
        return Dictionary(
            uniqueKeysWithValues: answer.changes!.map { change in
                (change.path, change.change + (change.renamedFrom.map { " renamed \($0)" } ?? ""))
            })
    }

    /// Runs `command` in the workspace and compares what it writes.
    func expect(_ command: String, gives expected: String) async throws {
        let output = try await shell("cd work; " + command)
        guard output != expected else { return }
        let lines = (Set(output.split(separator: "\n")), Set(expected.split(separator: "\n")))
        Issue.record(
            "only in the workspace: \(lines.0.subtracting(lines.1).sorted()), only seen by the agent: \(lines.1.subtracting(lines.0).sorted())"
        )
    }

    func read(_ path: String) throws -> String {
        let file = try Files.open(scene.directory + "/" + path, O_RDONLY)
        return String(decoding: try Files.readAll(file.number), as: UTF8.self)
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: scene.directory + "/" + name))
        chmod(scene.directory + "/" + name, 0o644)
    }
}
