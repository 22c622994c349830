// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// A workspace whose changes are kept apart.
@Suite("overlay", .timeLimit(.minutes(20))) struct OverlayTests {
    private func plan(_ scene: Scene, _ command: String, changes: String) async throws -> JailPlan {
        var plan = try await scene.plan(command)
        for index in plan.filesystem.indices where plan.filesystem[index].target == scene.workspace {
            plan.filesystem[index].kind = .overlay(lower: scene.workspace, changes: .path(changes), protect: [".envrc"])
        }
        return plan
    }

    @Test("keeps changes apart, over as many runs as it takes", arguments: Person.all)
    func changes(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try scene.makeFile("work/kept", "host\n")
            try scene.makeFile("work/removed", "host\n")
            chmod(scene.workspace, 0o750)
            let changes = scene.makeDirectory("changes", mode: 0o700)
            let before = Clock.wall()
            let first = try await scene.jail(
                plan(scene, "echo jail >> kept; rm removed; echo new > new; stat -c %a .", changes: changes))
            #expect(first.output == "750\n", "\(first)")
            #expect(scene.content("work/kept") == "host\n" && scene.exists("work/removed") && !scene.exists("work/new"))
            #expect(scene.content("changes/upper/kept") == "host\njail\n" && scene.exists("changes/upper/removed"))
            let baseline = try #require(scene.content("changes/baseline.json"))
            let record = try JSONDecoder().decode(Baseline.self, from: Data(baseline.utf8))
            var status = stat()
            stat(scene.workspace, &status)
            #expect(record.version == 1 && record.lower == scene.workspace && record.inode == UInt64(status.st_ino))
            #expect(record.device == UInt64(status.st_dev) && record.start <= Clock.wall())
            // The clock of files ticks some hundred times a second.
            #expect(record.start >= before - 50_000_000)

            let second = try await scene.jail(plan(scene, "cat kept new; ls -I refs -I commondir", changes: changes))
            #expect(second.output == "host\njail\nnew\nkept\nnew\n", "\(second)")
            #expect(scene.content("changes/baseline.json") == baseline)
        }
    }

    private struct Baseline: Decodable {
        var version: Int
        var start: Int64
        var lower: String
        var device: UInt64
        var inode: UInt64
    }

    @Test("shows the changes directory nowhere, whatever else is bound", arguments: Person.all)
    func hidden(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let state = scene.makeDirectory("state")
            let changes = scene.makeDirectory("state/changes")
            var plan = try await plan(
                scene, "ls \(state)/changes 2>/dev/null; touch \(state)/changes/upper/x 2>/dev/null; echo x > new",
                changes: changes)
            plan.filesystem.append(.bind(state, writable: true))
            let end = try await scene.jail(plan)
            #expect(end.output == "" && scene.exists("state/changes/upper/new"), "\(end)")
            #expect(!scene.exists("state/changes/upper/x"))
        }
    }

    @Test("is of one jail at a time", arguments: Person.all)
    func exclusive(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let changes = scene.makeDirectory("changes", mode: 0o700)
            let running = try await scene.start(
                plan(scene, "echo up; sleep \(person.sleep(60))", changes: changes))
            #expect(try await eventually { running.output == "up\n" }, "\(running.error)")
            let second = try await scene.jail(plan(scene, "echo up", changes: changes))
            #expect(second.status == 125 && second.error.contains("another jail"), "\(second)")
            kill(running.pid, SIGTERM)
            _ = try await running.end()
            #expect(try await scene.jail(plan(scene, "echo up", changes: changes)).output == "up\n")
        }
    }

    @Test("gives an agent no way to tell overlayfs what is where", arguments: Person.all)
    func hostile(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            scene.makeDirectory("work/dir")
            try scene.makeFile("work/dir/file", "host\n")
            let changes = scene.makeDirectory("changes", mode: 0o700)
            let end = try await scene.jail(
                plan(
                    scene,
                    """
                    mkdir new; cp /bin/id setuid; chmod 4755 setuid
                    python3 - <<'END'
                    import os
                    for name in ["redirect", "opaque", "metacopy", "whiteout"]:
                        try: os.setxattr("new", "user.overlay." + name, b"/etc")
                        except OSError: pass
                    try: os.mknod("whiteout", 0o20000, 0)
                    except PermissionError: print("no device")
                    END
                    """, changes: changes))
            #expect(end.output == "no device\n", "\(end)")
            // The next run finds what the first one left, and nothing else.
            let next = try await scene.jail(plan(scene, "ls new; cat dir/file; ./setuid -u", changes: changes))
            #expect(next.output == "host\n\(person.uid)\n", "\(next)")
        }
    }

    @Test("says what is the matter with a place for changes", arguments: Person.all)
    func unfit(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            // One that is missing is made, in a directory that is there.
            let made = try await scene.jail(plan(scene, "echo x > made", changes: scene.directory + "/run/new"))
            #expect(made.status == 0 && scene.content("run/new/upper/made") == "x\n", "\(made)")
            let missing = try await scene.jail(plan(scene, "true", changes: scene.directory + "/none/at-all"))
            #expect(missing.status == 125 && missing.error.contains("mount.overlay"), "\(missing)")
            #expect(missing.error.contains("ENOENT"), "\(missing)")
            let inside = scene.makeDirectory("work/changes")
            let nested = try await scene.jail(plan(scene, "ls changes", changes: inside))
            // Depending on the kernel; never a view of the changes.
            #expect(nested.status == 125 || nested.output == "", "\(nested)")
            let onProc = try await scene.jail(plan(scene, "true", changes: "/proc/self/fd"))
            #expect(onProc.status == 125 && onProc.error.contains("mount.overlay"), "\(onProc)")
        }
    }

    @Test(
        "lets no link that an agent left lead the next command to what the jail was built with", arguments: Person.all)
    func workingDirectory(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let changes = scene.makeDirectory("changes")
            let links = "for n in $(seq 0 64); do ln -s /proc/self/fd/$n fd$n; ln -s /proc/thread-self/fd/$n t$n; done"
            let options = ["--set", "workspace: overlay", "--changes", changes]
            let first = try await scene.jail(
                links + "; ln -s /proc/self/cwd cwd; mkdir d; ln -s d good", options: options)
            #expect(first.status == 0, "\(first)")
            for name in (0...64).map({ "fd\($0)" }) + ["t4", "t5", "t6", "t7", "t27", "cwd"] {
                let end = try await scene.jail(
                    "readlink /proc/self/cwd; ls ..", options: options + ["--chdir", scene.workspace + "/" + name])
                #expect(end.status == 125 && end.error.contains("directory: "), "\(name): \(end)")
            }
            let good = try await scene.jail("pwd", options: options + ["--chdir", scene.workspace + "/good"])
            #expect(good.output == scene.workspace + "/d\n" || good.output == scene.workspace + "/good\n", "\(good)")
        }
    }

    @Test("protects paths in it, and leaves no placeholder among the changes", arguments: Person.all)
    func protected(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            scene.makeDirectory("work/.git")
            try scene.makeFile("work/.git/config", "host\n")
            let changes = scene.makeDirectory("changes", mode: 0o700)
            var plan = try await plan(
                scene, "echo x >> .git/config; mkdir -p .git/hooks/x; mv .git y; echo x > .envrc; echo done",
                changes: changes)
            for name in [".git/hooks", ".git/config", ".envrc"] {
                plan.filesystem.append(.protected(scene.workspace + "/" + name))
            }
            let end = try await scene.jail(plan)
            #expect(end.output == "done\n", "\(end)")
            #expect(!scene.exists("changes/upper/.envrc") && !scene.exists("changes/upper/.git/hooks"))
            #expect(!scene.exists("changes/upper/.git/config") && !scene.exists("changes/upper/y"))
        }
    }
}
