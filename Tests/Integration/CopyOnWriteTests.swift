// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// Directories of the host that a jail changes in memory only, and roots made of one.
@Suite("copies on write", .timeLimit(.minutes(20))) struct CopyOnWriteTests {
    /// What is in a directory, as a text: names, modes, contents and destinations.
    private func listing(_ scene: Scene, _ directory: String) async throws -> String {
        let list = "find . -printf '%P %y %m %l\\n' | sort; find . -type f | sort | xargs cat"
        return try await scene.run(["/bin/sh", "-ec", "cd \(directory); \(list)"]).output
    }

    /// A directory of the scene's owner with something of everything.
    private func makeTree(_ scene: Scene, _ name: String) async throws -> String {
        let tree = scene.makeDirectory(name)
        let end = try await scene.run([
            "/bin/sh", "-ec",
            "cd \(tree); mkdir -p a/b full; echo 1 > a/b/f; echo 2 > g; ln -s a/b l; ln g h; echo 3 > full/x; cp /bin/true t",
        ])
        #expect(end.status == 0, "\(end)")
        return tree
    }

    @Test("leave the host's as it is, whatever is done to them", arguments: Person.all)
    func changes(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let tree = try await makeTree(scene, "tree")
            let before = try await listing(scene, tree)
            let command = """
                set -e; cd /copy; ./t; echo more >> a/b/f; cat a/b/f l/f; echo x > new; rm g; rm -r full; mkdir full
                ls full; mv a c; cat c/b/f; chmod 600 h; ln -sf c l; echo made > full/y; ls
                head -c 2000000 /dev/zero > large || echo full
                """
            let entry = FilesystemEntry(
                target: "/copy", kind: .copyOnWrite(source: tree, size: 1 << 20, executable: true, optional: false))
            let end = try await scene.jail(command, [entry])
            #expect(
                end.output == "1\nmore\n1\nmore\n1\nmore\nc\nfull\nh\nl\nnew\nt\nfull\n"
                    && end.error.contains("No space left"), "\(end)")
            #expect(try await listing(scene, tree) == before)
        }
    }

    @Test("run no programs where the profile says so, hide what it hides, and may be missing", arguments: Person.all)
    func options(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let tree = try await makeTree(scene, "tree")
            let set = """
                filesystem:
                  copy_on_write:
                    - {path: /copy, source: \(tree), exec: false, size: 1M}
                    - {path: /nothing, source: \(tree)/nothing, optional: true}
                  hidden: [/copy/a, "\(tree)/full"]
                """
            let end = try await scene.jail(
                "cd /copy; ./t; echo $?; ls a full 2>&1; mv a b; rmdir full; ls -d /nothing; df -k . | tail -n 1",
                options: ["--set", set])
            #expect(
                end.output.hasPrefix("126\n") && !end.output.contains("b\n") && !end.output.contains("x\n"), "\(end)")
            #expect(end.error.components(separatedBy: "busy").count == 3, "\(end)")
            #expect(end.error.contains("'/nothing': No such file") && end.output.contains(" 1024 "), "\(end)")
            let missing = try await scene.jail(
                "true", options: ["--set", "filesystem: {copy_on_write: [\(tree)/nothing]}"])
            #expect(missing.status == 125 && missing.error.contains("mount.copy_on_write"), "\(missing)")
        }
    }

    @Test("of a workspace come before the workspace itself", arguments: Person.all)
    func workspace(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jail(
                "pwd; echo x > \(scene.workspace)/x; cat x",
                options: ["--set", "filesystem: {copy_on_write: [\"${workspace}\"]}"])
            #expect(end.output == scene.workspace + "\nx\n", "\(end)")
            #expect(!scene.exists("work/x"))
        }
    }

    /// An unpacked image, with the host's programs: what images hold, and what they had better not.
    private func makeImage(_ scene: Scene) async throws -> String {
        let image = scene.makeDirectory("image")
        let end = try await scene.run([
            "/bin/sh", "-ec",
            """
            cd \(image); mkdir -p etc usr home dev/pts proc root opt
            for name in bin sbin lib lib64; do ln -s usr/$name $name; done
            echo somebody:x:1:1::/:/bin/sh > etc/passwd; ln -s /run/resolved etc/resolv.conf; echo 3 > etc/only-here
            echo old > dev/null; mkdir dev/zero; ln -s /etc/passwd dev/ptmx; echo theirs > opt/x
            """,
        ])
        #expect(end.status == 0, "\(end)")
        return image
    }

    @Test("are a root of one's own, with the jail's own /etc, /dev and /proc in it", arguments: Person.all)
    func root(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let image = try await makeImage(scene)
            let before = try await listing(scene, image)
            let set = """
                filesystem:
                  copy_on_write: [{path: /, source: \(image), size: 16M}]
                  read_only: [/usr, {path: /again, source: \(image)}]
                  hidden: [/opt/x]
                """
            let command = """
                cat /etc/only-here /etc/machine-id /etc/hostname /opt/x /again/opt/x; whoami; cat /etc/passwd | wc -l; pwd
                ls -d /etc/ssl /etc/fonts; echo x > /made; mkdir /srv; rm /etc/only-here; ls -1 / | tr '\\n' ' '; echo
                echo > /dev/null; touch /dev/x; head -c 2 /dev/zero | wc -c; test -e /dev/ptmx; echo $?; ls /dev/pts
                python3 -c 'import pty; pty.spawn(["tty"])'; ls -l /proc/self/exe | grep -c /usr; touch /usr/x /proc/x
                df -k / | tail -n 1
                """
            let end = try await scene.jail(command, options: ["--set", set])
            let lines = end.output.split(separator: "\n").map(String.init)
            #expect(lines.first == "3" && lines.contains("jail") && lines.contains(scene.workspace), "\(end)")
            let name = try await scene.shell("whoami 2>/dev/null || echo user$(id -u)").output
            #expect(lines.contains(String(name.dropLast())), "\(end)")
            #expect(
                lines.contains {
                    $0.hasPrefix("again bin dev etc home lib lib64 made opt proc root sbin srv ") && $0.contains(" usr")
                }, "\(end)")
            #expect(lines.contains("2") && lines.contains("0") && end.output.contains("/dev/pts/0"), "\(end)")
            #expect(end.output.contains(" 16384 "), "\(end)")
            for word in ["'/etc/ssl'", "'/etc/fonts'", "'/dev/x': Read-only", "'/usr/x': Read-only"] {
                #expect(end.error.contains(word), "\(word) in \(end)")
            }
            #expect(!end.output.contains("theirs"))
            #expect(try await listing(scene, image) == before)
        }
    }

    @Test("through which a target would be a link are refused by name", arguments: Person.all)
    func links(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let image = try await makeImage(scene)
            let set =
                "filesystem: {copy_on_write: [{path: /, source: \(image)}], read_only: [/usr, {path: /lib/x, source: /usr}]}"
            let end = try await scene.jail("true", options: ["--set", set])
            #expect(end.status == 125 && end.error.contains("ELOOP") && end.error.contains("/lib/x"), "\(end)")
        }
    }
}
