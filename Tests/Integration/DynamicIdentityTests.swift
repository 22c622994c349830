// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// Jails that are not their owner to the host.
@Suite("dynamic identity", .timeLimit(.minutes(20))) struct DynamicIdentityTests {
    private static let outside: UInt32 = 61_917
    private static let owner = Person.ordinaryUser.uid

    /// A plan for the ordinary user's jail, as root starts it.
    private func plan(
        _ scene: Scene, _ command: String, _ entries: [FilesystemEntry] = [], groups: [UInt32] = []
    ) async throws -> JailPlan {
        var plan = try await scene.plan(command, entries)
        let outside = DynamicIdentityTests.outside
        plan.identity = .init(
            uid: DynamicIdentityTests.owner, gid: DynamicIdentityTests.owner, groups: groups,
            outside: .init(uid: outside, gid: outside))
        return plan
    }

    private func give(_ path: String, to uid: UInt32 = DynamicIdentityTests.owner, mode: mode_t) {
        chown(path, uid, uid)
        chmod(path, mode)
    }

    @Test(
        "looks like the owner inside and on disk, and is someone else outside",
        .enabled(if: geteuid() == 0, "needs root"))
    func looks() async throws {
        try await Scene.run(.root) { scene in
            give(scene.workspace, to: DynamicIdentityTests.owner, mode: 0o700)
            give(try scene.makeFile("work/private", "mine\n"), mode: 0o600)
            give(try scene.makeFile("readable", "read\n"), mode: 0o600)
            let jail = try scene.start(
                try await plan(
                    scene,
                    """
                    id -u; id -G; cat private \(scene.directory)/readable; echo x > made; stat -c %u made private
                    sleep 32900000
                    """,
                    [.bind(scene.directory + "/readable")]))
            let owner = DynamicIdentityTests.owner
            let expected = "\(owner)\n\(owner)\nmine\nread\n\(owner)\n\(owner)\n"
            #expect(try await eventually { jail.output == expected }, "\(jail.output) \(jail.error)")
            var made = stat()
            stat(scene.workspace + "/made", &made)
            #expect(made.st_uid == owner && made.st_gid == owner)
            // The owner's other processes cannot be reached by it, nor it by them.
            let sleep = try await scene.run([
                "/usr/bin/pgrep", "-U", "\(DynamicIdentityTests.outside)", "-f", "sleep 32900000",
            ])
            #expect(sleep.status == 0, "\(sleep)")
            kill(jail.pid, SIGTERM)
            _ = try await jail.end()
        }
    }

    @Test("opens with the owner's rights and no others, groups included", .enabled(if: geteuid() == 0, "needs root"))
    func rights() async throws {
        try await Scene.run(.root) { scene in
            give(scene.workspace, mode: 0o755)
            let file = try scene.makeFile("roots", "root's\n", mode: 0o600)
            let shared = try scene.makeFile("closed", "x")
            let directory = scene.makeDirectory("group", mode: 0o750)
            chown(directory, 0, 61_918)
            try scene.makeFile("group/file", "group's\n")
            // What a source is opened with are rights to reach it: reading it is another matter.
            for (entry, groups, status) in [
                (FilesystemEntry.bind(directory + "/file"), [UInt32](), Int32(125)),
                (.bind(directory + "/file"), [61_918], 0),
                (FilesystemEntry(target: "/copy", kind: .copy(source: file, mode: 0o444)), [], 125),
                (.bind(shared, create: true), [], 0),
                (.bind(scene.directory + "/new", writable: true, create: true), [], 125),
            ] {
                let end = try await scene.jail(plan(scene, "true", [entry], groups: groups))
                #expect(end.status == status, "\(entry): \(end)")
                #expect(status == 0 || end.error.contains("EACCES"), "\(end)")
            }
            #expect(!scene.exists("new"))
            let bound = try await scene.jail(plan(scene, "cat \(file) || echo refused", [.bind(file)]))
            #expect(bound.output == "refused\n", "\(bound)")
        }
    }

    @Test("goes with an overlay and with protected paths", .enabled(if: geteuid() == 0, "needs root"))
    func overlay() async throws {
        try await Scene.run(.root) { scene in
            give(scene.workspace, mode: 0o700)
            give(try scene.makeFile("work/file", "host\n"), mode: 0o600)
            let changes = scene.makeDirectory("changes")
            give(changes, mode: 0o700)
            var plan = try await plan(
                scene,
                """
                echo x >> file; cat file; echo new > new; mkdir -p a/b 2>/dev/null || echo protected
                ls /.l* 2>/dev/null
                """,
                [.protected(scene.workspace + "/a/b")])
            let direct = try await scene.jail(plan)
            #expect(direct.output == "host\nx\nprotected\n", "\(direct)")
            #expect(!scene.exists("work/a"))
            for index in plan.filesystem.indices where plan.filesystem[index].target == scene.workspace {
                plan.filesystem[index].kind = .overlay(
                    lower: scene.workspace, changes: .path(changes), protect: [".envrc"])
            }
            let end = try await scene.jail(plan)
            #expect(end.output == "host\nx\nx\nprotected\n", "\(end)")
            #expect(scene.content("work/file") == "host\nx\n" && scene.content("changes/upper/file") == "host\nx\nx\n")
            #expect(!scene.exists("changes/upper/a"))
            for name in ["upper", "upper/file", "upper/new", "work", "baseline.json"] {
                var status = stat()
                lstat(changes + "/" + name, &status)
                #expect(status.st_uid == DynamicIdentityTests.owner, "\(name)")
            }
        }
    }

    @Test("is refused in words where it cannot be had, or gone without")
    func refused() async throws {
        try await Scene.run(.ordinaryUser) { scene in
            var plan = try await plan(scene, "echo up")
            let end = try await scene.jail(plan)
            #expect(end.status == 125 && end.error.contains("identity.dynamic"), "\(end)")
            #expect(end.error.contains("CAP_SYS_ADMIN"), "\(end)")
            plan.degrade.append("identity")
            #expect(try await scene.jail(plan).output == "up\n")
        }
        guard geteuid() == 0 else { return }
        try await Scene.run(.root) { scene in
            give(scene.workspace, mode: 0o700)
            var plan = try await plan(scene, "id -u", [.bind("/proc/sys/kernel", at: "/mnt", writable: true)])
            let end = try await scene.jail(plan)
            #expect(end.status == 125 && end.error.contains("identity.dynamic"), "\(end)")
            #expect(end.error.contains("the proc there"), "\(end)")
            plan.degrade.append("identity")
            #expect(try await scene.jail(plan).output == "\(DynamicIdentityTests.owner)\n")
            plan.identity.outside = .init(uid: DynamicIdentityTests.owner, gid: DynamicIdentityTests.owner)
            plan.degrade.removeAll { $0 == "identity" }
            #expect(try await scene.jail(plan).error.contains("identity.dynamic"))
        }
    }

    @Test("swaps two ids and leaves everyone else himself, in whatever ranges there are")
    func maps() throws {
        let all = IdentityMap.Range(inside: 0, outside: 0, count: .max)
        #expect(
            try IdentityMap.swapped((1000, 2000), in: [all]) == [
                .init(inside: 0, outside: 0, count: 1000), .init(inside: 1000, outside: 2000, count: 1),
                .init(inside: 1001, outside: 1001, count: 999), .init(inside: 2000, outside: 1000, count: 1),
                .init(inside: 2001, outside: 2001, count: .max - 2001),
            ])
        #expect(
            try IdentityMap.swapped((1, 0), in: [.init(inside: 0, outside: 0, count: 2)]) == [
                .init(inside: 0, outside: 1, count: 1), .init(inside: 1, outside: 0, count: 1),
            ])
        #expect(throws: SystemError.self) {
            try IdentityMap.swapped((1, 5), in: [.init(inside: 0, outside: 0, count: 2)])
        }
    }

    @Test("copies the owner's files on write, too", .enabled(if: geteuid() == 0, "needs root"))
    func copiesOnWrite() async throws {
        try await Scene.run(.root) { scene in
            give(scene.makeDirectory("tree"), mode: 0o700)
            give(try scene.makeFile("tree/f", "1\n"), mode: 0o600)
            let copy = FilesystemEntry(
                target: "/copy",
                kind: .copyOnWrite(
                    source: scene.directory + "/tree", size: 1 << 20, executable: true, optional: false))
            let plan = try await plan(scene, "cd /copy && echo 2 >> f && echo 3 > g && cat f g", [copy])
            let end = try await scene.jail(plan)
            #expect(end.output == "1\n2\n3\n", "\(end)")
            #expect(scene.content("tree/f") == "1\n" && !scene.exists("tree/g"))
        }
    }
}
