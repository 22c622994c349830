// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// Jails with more users than their owner. Who has which is written in files of the host's, which root covers with
/// others for the test, in a mount namespace of its own.
@Suite("users of a jail", .timeLimit(.minutes(20))) struct SubordinateTests {
    private static let first: UInt32 = 612_000_000

    /// Runs `jail` as an ordinary user with a name, and with subordinate ids from `first` on.
    private func jail(_ scene: Scene, _ arguments: [String]) async throws -> Program.End {
        let uid = Person.ordinaryUser.uid
        let passwd = try String(contentsOfFile: "/etc/passwd", encoding: .utf8)
        try scene.makeFile("passwd", "keeper:x:\(uid):\(uid)::\(scene.home):/bin/sh\n" + passwd)
        try scene.makeFile("subid", "keeper:\(SubordinateTests.first):65536\n")
        for path in [scene.home, scene.workspace] { chown(path, uid, uid) }
        let mounts = [("passwd", "passwd"), ("subid", "subuid"), ("subid", "subgid")]
        let covers = mounts.map { "mount --bind \(scene.directory)/\($0.0) /etc/\($0.1)" }.joined(separator: "; ")
        let person = Person.ordinaryUser.prefix.joined(separator: " ")
        return try await scene.run(
            [
                "/usr/bin/unshare", "--mount", "--propagation=private", "/bin/sh", "-ec",
                "\(covers); exec \(person) \(Installation.programs)/jail \"$@\"", "sh",
            ] + arguments)
    }

    private func run(_ scene: Scene, _ set: [String], _ command: String) async throws -> Program.End {
        try await jail(
            scene,
            ["run", "--profile", Installation.profile("base"), "--workspace", scene.workspace]
                + set.flatMap { ["--set", $0] } + ["--", "/bin/sh", "-c", command])
    }

    private func owner(_ path: String) -> [UInt32] {
        var status = stat()
        return stat(path, &status) == 0 ? [status.st_uid, status.st_gid] : []
    }

    @Test("its owner is root in it and itself outside", .enabled(if: geteuid() == 0, "needs root"))
    func root() async throws {
        try await Scene.run(.root) { scene in
            let end = try await run(
                scene, ["users: {root: true}"],
                "whoami; id -u; stat -c %u:%g .; echo > f; chown 1:1 f; echo $?; mount -t tmpfs x /tmp; grep CapEff /proc/self/status"
            )
            #expect(end.output == "root\n0\n0:0\n1\nCapEff:\t0000000000000000\n", "\(end)")
            #expect(end.error.contains("mount: "), "\(end)")
            let uid = Person.ordinaryUser.uid
            #expect(owner(scene.workspace + "/f") == [uid, uid])
        }
    }

    @Test(
        "subordinate users are others in it, and the owner's subordinates outside",
        .enabled(if: geteuid() == 0, "needs root"))
    func subordinates() async throws {
        try await Scene.run(.root) { scene in
            let set = [
                "users: {root: true, subordinate: true}",
                "capabilities: [chown, setuid, setgid]",
            ]
            let command = """
                echo > f; chown 5:6 f; stat -c %u:%g f; chown 65537 f || echo refused
                as() { python3 -c 'import os,sys; g=[int(n) for n in sys.argv[2].split(",")]; os.setgroups(g[1:])
                os.setgid(g[0]); os.setuid(int(sys.argv[1])); os.execv("/bin/sh", ["sh", "-c", sys.argv[3]])' "$@"; }
                as 33 33 'id -u; id -G; echo > g || echo kept out'
                chmod 777 .; rm -f g; as 33 34,1,2 'id -G; echo > g'; stat -c %u:%g g
                """
            let end = try await run(scene, set, command)
            #expect(end.output == "5:6\nrefused\n33\n33\nkept out\n34 1 2\n33:34\n", "\(end)")
            let first = SubordinateTests.first
            #expect(owner(scene.workspace + "/f") == [first + 4, first + 5])
            #expect(owner(scene.workspace + "/g") == [first + 32, first + 33])
            let plain = try await run(
                scene, ["users: {subordinate: true}", "capabilities: [chown]"],
                "id -u; echo > h; chown 0:0 h; stat -c %u h")
            #expect(plain.output == "\(Person.ordinaryUser.uid)\n0\n", "\(plain)")
            #expect(owner(scene.workspace + "/h") == [first, first])
        }
    }

    @Test(
        "a call that ends a subordinate's process ends the jail, whose keeper cannot end that process alone",
        .enabled(if: geteuid() == 0, "needs root"))
    func kill() async throws {
        try await Scene.run(.root) { scene in
            let set = [
                "users: {root: true, subordinate: true}", "capabilities: [setuid, setgid]",
                "seccomp: {deny: [{call: personality, action: kill}], log: true}",
            ]
            let end = try await run(
                scene, set,
                "python3 -c 'import os; os.setuid(33); os.execv(\"/usr/bin/setarch\", [\"setarch\", \"-R\", \"true\"])'; echo went on"
            )
            #expect(end.status == 128 + SIGSYS && end.output == "", "\(end)")
        }
    }

    @Test("what the host does not give its owner is refused", .enabled(if: geteuid() == 0, "needs root"))
    func refused() async throws {
        try await Scene.run(.root) { scene in
            var plan = JailPlan.handMade(scene, ["/bin/true"])
            let uid = Person.ordinaryUser.uid
            plan.identity = .init(uid: uid, gid: uid, groups: [])
            plan.identity.users = [.init(inside: 0, outside: 0, count: 1)]
            plan.identity.groupIDs = [.init(inside: 0, outside: SubordinateTests.first, count: 1)]
            let file = scene.directory + "/plan.json"
            try JSONEncoder().encode(plan).write(to: URL(filePath: file))
            let end = try await jail(scene, ["run", "--plan", file])
            #expect(end.status == 125, "\(end)")
            #expect(
                end.error.hasPrefix("jail: identity.map: newuidmap: uid range") && end.error.contains("/etc/subuid"),
                "\(end)")
        }
    }
}
