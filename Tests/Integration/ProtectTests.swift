// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// Paths in the workspace that the host may execute later on.
@Suite("protected paths", .timeLimit(.minutes(20))) struct ProtectTests {
    private let usual = [".git/hooks", ".git/config", ".envrc", ".vscode/settings.json"]

    private func protections(_ scene: Scene, _ names: [String]) -> [FilesystemEntry] {
        names.map { .protected(scene.workspace + "/" + $0) }
    }

    /// A repository with one commit in the workspace, and a name to commit under.
    private func makeRepository(_ scene: Scene) async throws {
        let end = try await scene.shell(
            """
            git init -q . && git config user.email a@example.org && git config user.name a
            echo a > a && git add a && git commit -qm a
            """)
        #expect(end.status == 0, "\(end)")
    }

    @Test("can be read and not be changed, there or not, nor through any directory above", arguments: Person.all)
    func attacks(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await makeRepository(scene)
            let config = scene.content("work/.git/config")
            try await scene.shell("rm -rf .git/hooks; mkdir -p deep/er; echo host > deep/er/file")
            let end = try await scene.jail(
                """
                exec 2>/dev/null
                move() { python3 -c 'import os, sys; os.rename(*sys.argv[1:])' "$@" && echo "moved: $1"; }
                cat deep/er/file
                move .git x; mkdir -p .git/hooks && echo x > .git/hooks/pre-commit
                move .git/hooks x; rmdir .git/hooks; chmod 777 .git/hooks; touch .git/hooks/pre-commit
                move deep x; move deep/er x; rm -rf deep; mkdir -p deep/er; echo x > deep/er/file; rm deep/er/file
                ln deep/er/file hard && echo x > hard; ln -f a deep/er/file
                python3 - <<'END'
                import ctypes
                libc = ctypes.CDLL(None)
                for path in (b".git", b"deep", b"deep/er", b".envrc", b".vscode"):
                    if libc.renameat2(-100, path, -100, b"a", 2) == 0: print("swapped", path)
                END
                git config core.fsmonitor ./x; echo x >> .git/config; move .git/config x; cp a .git/config
                echo elsewhere > .git/commondir; rm -f .git/commondir
                echo x > .envrc; ln -s a .envrc; rmdir .envrc; mkdir -p .vscode; echo x > .vscode/settings.json
                ls -d .git/hooks/* .envrc/* .vscode/*
                echo done
                """, protections(scene, usual + ["deep/er/file"]))
            #expect(end.output == "host\ndone\n", "\(end)")
            #expect(scene.content("work/.git/config") == config)
            #expect(scene.content("work/deep/er/file") == "host\n")
            for name in [".git/hooks", ".git/commondir", ".envrc", ".vscode"] {
                #expect(!scene.exists("work/" + name), "\(name) was left behind")
            }
        }
    }

    @Test("leave git its work: commit, branch, stash, gc, rebase, worktree", arguments: Person.all)
    func git(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await makeRepository(scene)
            let end = try await scene.jail(
                """
                set -e
                echo b > b; git add b; git commit -qm b; git branch side; git checkout -q side
                echo c >> b; git stash -q; git stash pop -q; git commit -qam c; git tag v1
                git checkout -q -; git merge -q side; git rebase -q HEAD~1; git gc -q
                git worktree add -q /tmp/tree; git -C /tmp/tree log --oneline | wc -l
                git status --porcelain; git fsck --no-dangling 2>/dev/null
                git config user.name x 2>/dev/null || echo no-config
                ls .git/*.lock 2>/dev/null || echo no-locks
                """, protections(scene, usual))
            #expect(end.status == 0 && end.output == "3\nno-config\nno-locks\n", "\(end)")
            let after = try await scene.shell(
                "git status --porcelain; git log --oneline | wc -l; git fsck --no-dangling 2>/dev/null")
            #expect(after.output == "3\n", "\(after)")
        }
    }

    @Test("of a repository are those of its submodules and worktrees too", arguments: Person.all)
    func submodules(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await makeRepository(scene)
            let made = try await scene.shell(
                """
                git clone -q . ../module; mkdir 'hooks #1'; git config core.hooksPath 'hooks #1'
                git config include.path ../common.config; echo '[alias] x = status' > common.config
                git -c protocol.file.allow=always submodule --quiet add ../module 'libs/a b' 2>/dev/null
                git worktree add -q ../tree
                """)
            #expect(made.status == 0, "\(made)")
            let end = try await scene.jail(
                """
                exec 2>/dev/null
                M='.git/modules/libs/a b'
                for f in "$M/config" "$M/hooks/pre-commit" "$M/commondir" "$M/modules" 'libs/a b/.git' common.config \\
                    .git/worktrees/tree/commondir .git/worktrees/tree/gitdir 'hooks #1/pre-commit'; do
                    test -d "$f" || { echo x > "$f" && echo "written: $f"; }
                    rm -f "$f" && test ! -e "$f" && echo x > "$f" && echo "replaced: $f"
                done
                move() { python3 -c 'import os, sys; os.rename(*sys.argv[1:])' "$@" && echo "moved: $1"; }
                move libs x; move 'libs/a b' x; move "$M" x; move .git/modules/libs x; move 'hooks #1' x
                cd 'libs/a b' && echo x > x && git add x
                git -c user.name=a -c user.email=a commit -qm x && echo committed
                """, protections(scene, [".git/hooks", ".git/config"]))
            #expect(end.output.contains("committed\n"), "\(end)")
            let unexpected = end.output.split(separator: "\n").filter {
                $0.hasPrefix("written") || $0.hasPrefix("repl")
            }
            // A submodule's own `modules` was not there: to make one is no way to anything that git runs.
            #expect(unexpected.allSatisfy { $0.hasSuffix("/modules") }, "\(end)")
            #expect(scene.content("work/.git/worktrees/tree/commondir") == "../..\n")
        }
    }

    @Test("that are links are pinned, and so is what they lead to", arguments: Person.all)
    func links(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await makeRepository(scene)
            try await scene.shell(
                """
                rm -rf .git/hooks; mkdir common; ln -s ../common .git/hooks; ln -s loop loop
                ln -s \(scene.directory) out
                """
            )
            let end = try await scene.jail(
                """
                exec 2>/dev/null
                echo x > .git/hooks/pre-commit && echo written; echo x > common/pre-commit && echo written
                rm .git/hooks && echo removed; python3 -c 'import os; os.rename(".git/hooks", "x")' && echo moved
                python3 -c 'import os; os.rename("common", "x")' && echo moved
                ln -sfn /tmp .git/hooks && echo replaced; readlink .git/hooks
                """, protections(scene, [".git/hooks", "out/hooks"]))
            #expect(end.output == "../common\n", "\(end)")
            #expect(!scene.exists("hooks"))
            let loop = try await scene.plan("echo up", protections(scene, ["loop"]))
            let refused = try await scene.jail(loop)
            #expect(refused.status == 125 && refused.error.contains("ELOOP"), "\(refused)")
            var degraded = loop
            degraded.degrade.append("protect")
            let without = try await scene.jail(degraded)
            #expect(without.output == "up\n", "\(without)")
        }
    }

    @Test("have no placeholders left, however the jail ends", arguments: Person.all)
    func placeholders(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let names = ["a/b", "c"]
            let plan = try await scene.plan("echo up; sleep \(person.sleep(40))", protections(scene, names))
            // The keeper is killed, the first process is killed, the command is.
            for victim in ["jail", "first", "command"] {
                let jail = try scene.start(plan)
                #expect(try await eventually { jail.output == "up\n" })
                #expect(scene.exists("work/a") && scene.exists("work/c"))
                var found: Int32?
                #expect(
                    try await eventually {
                        found = process("sleep\u{0}\(person.sleep(40))", below: jail.pid)
                        return found != nil
                    })
                let command = try #require(found)
                switch victim {
                case "jail": kill(jail.pid, SIGKILL)
                case "first": kill(try #require(ancestor(of: command, below: jail.pid)), SIGKILL)
                default: kill(command, SIGKILL)
                }
                _ = try await jail.end()
                #expect(try await eventually { !scene.exists("work/a") && !scene.exists("work/c") }, "\(victim)")
            }
            var broken = plan
            broken.filesystem.append(.bind("/no/such"))
            broken.filesystem.append(.protected(scene.workspace + "/loop/x"))
            #expect(try await scene.jail(broken).status == 125)
            var late = plan
            late.command.arguments = ["/no/such/command"]
            #expect(try await scene.jail(late).status == 127)
            // The keeper waits for the removal before it says that all is over.
            #expect(!scene.exists("work/a") && !scene.exists("work/c"))
        }
    }

    @Test("are not made in the moment of the end by who is left in the jail", arguments: Person.all)
    func lastMoment(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let plan = try await scene.plan(
                """
                for i in 1 2 3 4; do
                    (while :; do mkdir hooks && echo evil > hooks/x; done) >/dev/null 2>&1 &
                done
                sleep 0.05
                """, protections(scene, ["hooks"]))
            for _ in 0..<15 {
                let end = try await scene.jail(plan)
                #expect(end.status == 0, "\(end)")
                #expect(!scene.exists("work/hooks"))
            }
        }
    }

    @Test("are removed also when the agent has sent its descriptors of them to itself", arguments: Person.all)
    func inFlight(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let plan = try await scene.plan(
                """
                exec python3 - <<'END'
                import array, fcntl, os, socket
                for name in ("a", "b"):
                    held = os.open(name, os.O_RDONLY)
                    fcntl.flock(held, fcntl.LOCK_SH)
                    one, other = socket.socketpair()
                    socket.send_fds(one, [b"x"], [held, one.fileno(), other.fileno()])
                print("up")
                END
                """, protections(scene, ["a", "b"]))
            for _ in 0..<5 {
                let end = try await scene.jail(plan)
                #expect(end.output == "up\n", "\(end)")
                #expect(!scene.exists("work/a") && !scene.exists("work/b"))
            }
        }
    }

    @Test("are shared by jails side by side: the last one removes the placeholder", arguments: Person.all)
    func sideBySide(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let command =
                "echo up; while test ! -e end$0; do sleep 0.02; done; mkdir -p hooks/x 2>/dev/null || echo safe"
            var plans: [JailPlan] = []
            for number in 0...1 {
                var plan = try await scene.plan(command, protections(scene, ["hooks"]))
                plan.command.arguments.append("\(number)")
                plans.append(plan)
            }
            let (first, second) = (try scene.start(plans[0]), try scene.start(plans[1]))
            #expect(try await eventually { first.output == "up\n" && second.output == "up\n" })
            try scene.makeFile("work/end0", "")
            #expect(try await first.end().output == "up\nsafe\n")
            #expect(scene.exists("work/hooks"))
            try scene.makeFile("work/end1", "")
            #expect(try await second.end().output == "up\nsafe\n")
            #expect(!scene.exists("work/hooks"))
        }
    }

    @Test(
        "leave nothing behind of what several jails protect in a workspace without a repository", arguments: Person.all)
    func sideBySideWithoutRepository(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            for round in 0..<8 {
                var jails: [Program] = []
                for number in 0..<3 {
                    let plan = try await scene.plan(
                        "sleep 0.\((number * 3 + round) % 5); mkdir .git/x 2>/dev/null; echo up")
                    jails.append(try scene.start(plan))
                }
                for jail in jails {
                    let end = try await jail.end()
                    #expect(end.output == "up\n", "\(end)")
                }
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: scene.workspace) == [], "round \(round)")
            }
        }
    }

    @Test("take over a placeholder that was left behind, and leave a directory of the owner's", arguments: Person.all)
    func leftBehind(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let names = ["left", "own", "looks", "file"]
            scene.makeDirectory("work/left", mode: 0o1755)
            scene.makeDirectory("work/looks", mode: 0o1555)
            try scene.makeFile("work/file", "", mode: 0o1444)
            scene.makeDirectory("work/own")
            let left = try Files.open(scene.workspace + "/left", O_RDONLY | O_DIRECTORY)
            // An owner who is not root has to be able to write what is to have an attribute.
            try ExtendedAttributes.set("user.agent-supervisor.placeholder", [1], of: left.number)
            #expect(fchmod(left.number, 0o1555) == 0)
            let end = try await scene.jail(
                "for name in \(names.joined(separator: " ")); do mkdir $name/x 2>/dev/null || echo safe; done",
                protections(scene, names))
            #expect(end.output == "safe\nsafe\nsafe\nsafe\n", "\(end)")
            #expect(!scene.exists("work/left") && scene.exists("work/own"))
            #expect(scene.exists("work/looks") && scene.exists("work/file"))
        }
    }

    @Test("in a repository that is a trap fail the start instead of being looked for for ever", arguments: Person.all)
    func traps(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await makeRepository(scene)
            let entries = protections(scene, [".git/hooks"])
            try await scene.shell("mkdir .git/modules; cd .git/modules; mkdir $(seq 2100)")
            let many = try await scene.jail("true", entries)
            #expect(many.status == 125 && many.error.contains("E2BIG"), "\(many)")
            // A name is the agent's choice, and is shown to the owner.
            try await scene.shell(
                "rm -rf .git/modules; d=\"$(printf 'a\\033[31m\\nb')\"; mkdir -p \".git/modules/$d\"; cd \".git/modules/$d\"; mkdir $(seq 2100)"
            )
            let escapes = try await scene.jail("true", entries)
            #expect(escapes.status == 125 && escapes.error.contains("E2BIG"), "\(escapes)")
            #expect(!escapes.error.contains("\u{1B}") && escapes.error.contains("\\u{1b}[31m\\u{a}b"), "\(escapes)")
            try await scene.shell("rm -rf .git/modules; mkfifo .gitmodules; rm .git/config; mkfifo .git/config")
            let plan = try await scene.plan("echo up", entries)
            #expect(try await scene.jail(plan).output == "up\n")
            try await scene.shell("rm .gitmodules; head -c 1100000 /dev/zero > .gitmodules")
            let large = try await scene.jail(plan)
            #expect(large.status == 125 && large.error.contains("EFBIG"), "\(large)")
        }
    }

    /// A process that descends from another, by the beginning of its command line, words separated by zeros.
    private func process(_ words: String, below top: Int32) -> Int32? {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(name),
                let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8),
                line.hasPrefix(words), ancestor(of: pid, below: top) != nil
            else { continue }
            return pid
        }
        return nil
    }

    /// The process between these two: a jail's first one.
    private func ancestor(of pid: Int32, below top: Int32) -> Int32? {
        var pid = pid
        while pid > 1 {
            guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let parent = status.split(separator: ")").last?.split(separator: " ").dropFirst().first.flatMap({
                    Int32($0)
                })
            else { return nil }
            if parent == top { return pid }
            pid = parent
        }
        return nil
    }
}
