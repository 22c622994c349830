// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// `jail changes` with an agent, or an owner, who makes it hard: each of these was an attack that worked once.
@Suite("jail changes under attack", .timeLimit(.minutes(20))) struct ChangesAttackTests {
    @Test("what the agent moved is somewhere at every moment, on a full disk as well", arguments: Person.all)
    func movedOnFullDisk(_ person: Person) async throws {
        try await Overlay.run(person, "echo a > a") { overlay in
            try overlay.write(
                "full.sh",
                """
                set -e
                mount -t tmpfs -o size=1536k,mode=755 tmpfs work
                echo precious > work/keep; head -c 400000 /dev/zero > work/filler; sleep 0.05; python3 baseline.py
                mount -t overlay overlay -o userxattr,lowerdir=work,upperdir=changes/upper,workdir=changes/work work
                (cd work; mkdir nd; mv keep nd; head -c 1300000 /dev/urandom > nd/z); umount work
                status=0; "$1" changes apply --changes changes > out 2>&1 || status=$?
                echo "first $status"; cat work/keep work/nd/keep 2>/dev/null | sort -u
                rm work/filler
                status=0; "$1" changes apply --changes changes >> out 2>&1 || status=$?
                echo "second $status"; cat work/nd/keep; ls work; stat -c %s work/nd/z; cat out >&2
                """)
            let end = try await overlay.scene.run([
                "/usr/bin/unshare", "-Urm", "/bin/sh", "-c",
                "cd \(overlay.scene.directory); exec sh full.sh \(Installation.programs)/jail",
            ])
            #expect(end.output == "first 125\nprecious\nsecond 0\nprecious\nnd\n1300000\n", "\(end)")
        }
    }

    @Test(
        "a directory that the owner put in the place of another is not the agent's to change",
        arguments: Person.all,
        [
            // Replaced as a whole by the agent, edited in part, new, and edited somewhere below.
            ("mkdir dist", "rm -rf dist; mkdir dist; echo n > dist/new", "mv dist bak; mv nxt dist"),
            (
                "mkdir dist; echo f > dist/thesis; echo g > dist/g", "echo e >> dist/thesis; rm dist/g",
                "mv dist bak; mv nxt dist"
            ),
            ("", "mkdir dist; echo a > dist/thesis", "mv nxt dist"),
            ("mkdir -p dist/sub; echo f > dist/sub/a", "echo e >> dist/sub/a", "mv dist bak; mv nxt dist"),
        ])
    func swapped(_ person: Person, _ story: (before: String, agent: String, owner: String)) async throws {
        let owners = "mkdir -p nxt/sub; for f in thesis g sub/other; do echo \"mine: $f\" > nxt/$f; done"
        try await Overlay.run(person, "\(story.before)\n\(owners)") { overlay in
            try await overlay.agent(story.agent)
            try await overlay.shell("cd work; \(story.owner)")
            let before = try await overlay.shell("cd work;" + Overlay.manifest)
            let apply = try await overlay.json("apply")
            #expect(apply.status == 1 && apply.refused?.contains { $0.code == "conflict" } == true, "\(apply)")
            #expect(try await overlay.shell("cd work;" + Overlay.manifest) == before)
        }
    }

    @Test("what only happens beside the agent's files is no conflict", arguments: Person.all)
    func besides(_ person: Person) async throws {
        try await Overlay.run(person, "mkdir -p d/e; echo a > d/a; echo b > d/e/b; echo c > c") { overlay in
            try await overlay.agent("echo agent >> d/a; rm d/e/b; mv c d/e/moved; mkdir new; echo n > new/n")
            try await overlay.shell("cd work; echo mine > d/mine; echo mine > d/e/mine; echo mine > mine; mkdir other")
            let apply = try await overlay.changes("apply")
            #expect(apply.status == 0, "\(apply)")
            #expect(try overlay.read("work/d/e/moved") == "c\n" && overlay.read("work/d/e/mine") == "mine\n")
        }
    }

    @Test("nothing is written any more into a directory that was moved out of the workspace", arguments: Person.all)
    func movedOut(_ person: Person) async throws {
        let count = 600
        try await Overlay.run(person, "mkdir d; for i in $(seq \(count)); do echo old > d/$i; done") { overlay in
            try await overlay.agent("for i in $(seq \(count)); do head -c 60000 /dev/zero > d/$i; done")
            try overlay.write(
                "move.py",
                """
                import os
                names = [f"work/d/{i}" for i in range(1, \(count + 1))]
                print("up", flush=True)
                while all(os.stat(name).st_size < 10 for name in names): pass
                os.rename("work/d", "elsewhere")
                """)
            let mover = try overlay.scene.start([
                "/bin/sh", "-c", "cd \(overlay.scene.directory); exec python3 move.py",
            ])
            #expect(try await eventually { mover.output == "up\n" })
            let apply = try await overlay.json("apply")
            #expect(try await mover.end().status == 0)
            let written = try await overlay.shell("find elsewhere -size +10 | wc -l")
            #expect(apply.status == 1 && (Int(written.dropLast()) ?? count) < count, "\(written) \(apply.status ?? -1)")
            #expect(apply.refused?.first?.message.contains("moved away") == true, "\(apply.refused ?? [])")
            #expect(try await overlay.shell("ls -A work; find elsewhere -name '.*' ! -name .") == "")
            try await overlay.shell("mv elsewhere work/d")
        }
    }

    @Test("files of times that no clock will see are as good as others", arguments: Person.all)
    func distantTimes(_ person: Person) async throws {
        try await Overlay.run(person, "echo a > a; touch -d 2400-01-01 a; echo b > b; touch -d 1800-01-01 b") {
            overlay in
            try await overlay.agent("touch -d 2300-01-01 x; echo y > y; touch -d 1902-01-01 y; echo more >> b")
            let list = try await overlay.list()
            #expect(list == ["x": "added", "y": "added", "b": "modified"])
            let apply = try await overlay.changes("apply")
            #expect(apply.status == 0, "\(apply)")
            #expect(try await overlay.shell("date -u +%F -r work/x") == "2300-01-01\n")
        }
    }

    @Test("a directory that was closed by what was applied keeps nobody from going on", arguments: Person.all)
    func closedDirectory(_ person: Person) async throws {
        try await Overlay.run(person, "mkdir d; echo a > d/a; echo b > b") { overlay in
            try await overlay.agent("chmod 600 d; echo c > c; echo d > e")
            // As an apply leaves it that was killed when it had set the mode.
            let first = try await overlay.json("apply", ["d"])
            #expect(first.status == 0 && first.applied?.map(\.path) == ["d"], "\(first)")
            try await overlay.shell(
                "python3 -c 'import json; j = json.load(open(\"changes/journal.json\")); j[\"isUnfinished\"] = True; "
                    + "json.dump(j, open(\"changes/journal.json\", \"w\"))'")
            let rest = try await overlay.changes("apply")
            #expect(rest.status == 0, "\(rest)")
            #expect(try overlay.read("work/c") == "c\n")
        }
    }

    @Test("files that diff(1) finds no end with are said to differ", arguments: Person.all)
    func endlessDiff(_ person: Person) async throws {
        let lines =
            "import random; random.seed(SEED); print(*(random.randrange(10) for _ in range(2000000)), sep='\\n')"
        func made(_ seed: Int) -> String { "python3 -c \"\(lines.replacing("SEED", with: "\(seed)"))\"" }
        try await Overlay.run(person, "\(made(1)) > f; echo a > a") { overlay in
            try await overlay.agent("\(made(2)) > f; echo b > a")
            let diff = try await overlay.changes("diff")
            #expect(diff.status == 0 && diff.output.contains("\n-a\n+b\n"), "\(diff.output.prefix(2000))")
            #expect(diff.output.contains("# the diff of f is not complete: the files differ too much for diff(1)"))
        }
    }

    @Test("what it lists tells every mode that somebody chose", arguments: Person.all)
    func modes(_ person: Person) async throws {
        try await Overlay.run(person, "echo 'the same' > doc; chmod 644 doc") { overlay in
            try await overlay.agent(
                "mv doc run; chmod 755 run; echo a > open; chmod 666 open; mkdir wide usual; chmod 777 wide; chmod 755 usual"
            )
            let text = try await overlay.changes("list").output
            for line in [
                "R  doc -> run (9 bytes, mode 0755)\n", "A  open (2 bytes, mode 0666)\n", "A  wide/ (mode 0777)\n",
                "A  usual/\n",
            ] {
                #expect(text.contains(line), "\(line) in \(text)")
            }
        }
    }

    @Test("others who look are nobody who works in it", arguments: Person.all)
    func lookers(_ person: Person) async throws {
        try await Overlay.run(person, "echo a > a") { overlay in
            try await overlay.agent("echo b > a; mkdir closed; chmod 000 closed")
            let looker = try overlay.scene.start([
                "/usr/bin/flock", "--no-fork", "--shared", overlay.directory, "/bin/sh", "-c",
                "echo held; while test ! -e \(overlay.scene.directory)/go; do sleep 0.05; done",
            ])
            #expect(try await eventually { looker.output == "held\n" })
            let list = try await overlay.json("list")
            #expect(list.inUse == false && list.changes?.contains { $0.path == "a" } == true, "\(list)")
            // Who wants to change something waits for who looks.
            let apply = try overlay.scene.start(["jail", "changes", "apply", "--changes", overlay.directory])
            try overlay.write("go", "")
            #expect(try await apply.end().status == 0)
            _ = try await looker.end()
            #expect(try overlay.read("work/a") == "b\n")
        }
    }

    @Test("after everything was applied or dropped the next agent begins anew", arguments: Person.all)
    func anew(_ person: Person) async throws {
        try await Overlay.run(person, "echo a > a; echo b > b") { overlay in
            try await overlay.agent("echo 1 >> a")
            #expect(try await overlay.changes("apply").status == 0)
            try await overlay.agent("echo 2 >> a; echo 2 >> b")
            #expect(try await overlay.changes("discard").status == 0)
            try await overlay.agent("echo 3 >> a")
            let apply = try await overlay.changes("apply")
            #expect(apply.status == 0, "\(apply)")
            #expect(try overlay.read("work/a") == "a\n1\n3\n" && overlay.read("work/b") == "b\n")
        }
    }

    @Test("hooks and included settings are refused wherever the owner's git takes them from", arguments: Person.all)
    func hooksElsewhere(_ person: Person) async throws {
        let setUp = """
            git init -q .; git config core.hooksPath .hk; git config include.path ../common.inc; mkdir .hk own; touch own/x
            git config extensions.worktreeConfig true; git config --worktree core.hooksPath .wt
            printf '[core]\\nhooksPath = .global\\n' > ../home/.gitconfig
            """
        try await Overlay.run(person, setUp) { overlay in
            try await overlay.agent(
                "mkdir .global .wt; for f in .hk/pre-commit .global/pre-push .wt/post-commit common.inc own/y; do echo e > $f; done"
            )
            let apply = try await overlay.json("apply")
            let refused = Set(apply.refused?.filter { $0.code == "protected" }.map(\.path) ?? [])
            #expect(
                refused == [
                    ".hk/pre-commit", ".global", ".global/pre-push", ".wt", ".wt/post-commit", "common.inc",
                ], "\(apply)")
        }
    }

    @Test("changes of one workspace are no other's, and what any jail protected stays so", arguments: Person.all)
    func otherWorkspace(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let changes = scene.makeDirectory("changes", mode: 0o700)
            let other = scene.makeDirectory("other")
            for name in ["base", "shell", "review"] {
                try FileManager.default.copyItem(
                    atPath: Installation.profile(name), toPath: "\(scene.directory)/\(name).yaml")
            }
            let stricter = try scene.makeFile("stricter.yaml", "extends: review\nprotect: [deploy.sh]\n")
            func run(_ profile: String, _ workspace: String, _ command: String) async throws -> Program.End {
                try await scene.run([
                    "jail", "run", "--profile", profile, "--workspace", workspace, "--changes", changes, "--",
                    "/bin/sh",
                    "-c", command,
                ])
            }
            let review = Installation.profile("review")
            #expect(try await run(review, scene.workspace, "echo 1 > f").status == 0)
            let refused = try await run(review, other, "echo 2 > f")
            #expect(refused.status == 125 && refused.error.contains("another workspace"), "\(refused)")
            #expect(try await run(stricter, scene.workspace, "echo x > deploy.sh").status == 0)
            #expect(try await run(review, scene.workspace, "true").status == 0)
            let apply = try await scene.run(["jail", "changes", "apply", "--changes", changes])
            #expect(apply.status == 1 && apply.output.contains("deploy.sh: it is protected"), "\(apply)")
        }
    }
}
