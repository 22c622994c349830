// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// An agent under `review`, whose changes are looked at before they are anybody's: all of it through the daemon.
@Suite("review", .timeLimit(.minutes(20))) struct ReviewTests {
    private func start(_ scene: Scene, _ command: String) async throws {
        let end = try await scene.agentctl([
            "start", "--name", "a", "--profile", "review", "--workspace", scene.workspace, "--", "/bin/sh", "-c",
            command,
        ])
        #expect(end.status == 0, "\(end)")
    }

    private func write(_ scene: Scene, _ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(scene.workspace)/\(name)"))
        chown("\(scene.workspace)/\(name)", scene.person.uid, scene.person.uid)
    }

    private func content(_ scene: Scene, _ name: String) -> String? {
        try? String(contentsOfFile: "\(scene.workspace)/\(name)", encoding: .utf8)
    }

    @Test("the workspace stays as it is until its owner applies what was changed", arguments: Person.all)
    func applied(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            for name in ["kept", "changed", "gone", "theirs"] { try write(scene, name, "old \(name)\n") }
            try await scene.withDaemon {
                try await start(
                    scene, "echo new > changed; rm gone; mkdir d; echo added > d/f; echo x > .envrc; echo y > theirs")
                #expect(try await scene.agentctl(["wait", "a"]).status == 0)
                #expect(content(scene, "changed") == "old changed\n" && content(scene, "gone") != nil)

                let list = try await scene.agentctl(["changes", "a"])
                #expect(list.status == 0, "\(list)")
                for word in ["changed", "gone", "d/f", ".envrc", "theirs"] { #expect(list.output.contains(word)) }
                #expect(!list.output.contains("kept"))
                let diff = try await scene.agentctl(["changes", "--diff", "a", "changed"])
                #expect(diff.output.contains("-old changed\n+new\n"), "\(diff)")
                #expect(!diff.output.contains("added"))

                // Somebody else was there meanwhile, and one file is what the host's tools obey: nothing is applied.
                try write(scene, "theirs", "meanwhile\n")
                let refused = try await scene.agentctl(["apply", "a"])
                #expect(refused.status == 1, "\(refused)")
                #expect(refused.error.contains("theirs") && refused.error.contains(".envrc"), "\(refused)")
                #expect(content(scene, "changed") == "old changed\n")

                let some = try await scene.agentctl(["apply", "a", "changed", "gone", "d"])
                #expect(some.status == 0, "\(some)")
                #expect(content(scene, "changed") == "new\n" && content(scene, "d/f") == "added\n")
                #expect(content(scene, "gone") == nil)
                let dropped = try await scene.agentctl(["discard", "a", "theirs"])
                #expect(dropped.status == 0, "\(dropped)")
                let rest = try await scene.agentctl(["apply", "--include-protected", "a"])
                #expect(rest.status == 0, "\(rest)")
                #expect(content(scene, ".envrc") == "x\n" && content(scene, "theirs") == "meanwhile\n")
                #expect(try await scene.agentctl(["changes", "a"]).output.split(separator: "\n").count <= 1)
                var status = stat()
                stat("\(scene.workspace)/d/f", &status)
                #expect(status.st_uid == person.uid)
            }
        }
    }

    @Test("a running agent's changes can be looked at, and neither applied nor discarded", arguments: Person.all)
    func running(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                try await start(scene, "echo x > f; sleep 600")
                #expect(
                    try await eventually { try await scene.agentctl(["changes", "a"]).output.contains("f") })
                #expect(try await scene.agentctl(["changes", "a"]).error.contains("still runs"))
                for command in ["apply", "discard"] {
                    let end = try await scene.agentctl([command, "a"])
                    #expect(end.status == 1 && end.error.contains("in use"), "\(end)")
                }
                #expect(content(scene, "f") == nil)
            }
        }
    }

    @Test("however much there is, all of it is shown, and what was done is answered", arguments: Person.all)
    func many(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                let name = String(repeating: "n", count: 100)
                try await start(
                    scene, "for i in $(seq 4000); do echo $i > \(name)$i; done; seq 1 200000 > long; chmod 600 long")
                #expect(try await scene.agentctl(["wait", "a"]).status == 0)
                let list = try await scene.agentctl(["changes", "a"])
                #expect(list.status == 0 && list.output.split(separator: "\n").count == 4002, "\(list.error)")
                #expect(list.output.contains("0600"))
                let diff = try await scene.agentctl(["changes", "--diff", "a"])
                #expect(diff.status == 0 && diff.output.components(separatedBy: "diff --git ").count == 4002)
                #expect(diff.output.contains("\n+199999\n+200000\n"))
                let apply = try await scene.agentctl(["apply", "a"])
                #expect(apply.status == 0 && apply.output.contains(" more\n"), "\(apply.error)")
                #expect(content(scene, name + "4000") == "4000\n")
            }
        }
    }

    @Test("there is nothing to apply where the workspace is the agent's own")
    func direct() async throws {
        try await Scene.run(.ordinaryUser) { scene in
            try await scene.withDaemon {
                let end = try await scene.agentctl([
                    "start", "--name", "a", "--profile", "shell", "--workspace", scene.workspace, "--", "/bin/true",
                ])
                #expect(end.status == 0, "\(end)")
                let refused = try await scene.agentctl(["apply", "a"])
                #expect(refused.status == 1 && refused.error.contains("no overlay"), "\(refused)")
            }
        }
    }
}
