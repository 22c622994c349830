// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// `jail changes`, on overlays that the kernel made.
@Suite("jail changes", .timeLimit(.minutes(20))) struct ChangesTests {
    /// A workspace with something of every kind.
    private static let workspace = """
        mkdir -p src/deep old/sub opaque/in dir-to-file .git/hooks .git/refs
        seq 1 50 > src/a.txt; echo keep > src/keep; echo gone > gone; echo x > old/sub/x; echo y > old/y
        echo mode > run.sh; ln -s a.txt src/link; echo 'moved content' > mv.txt; printf 'bin\\0ary' > bin
        echo 1 > opaque/one; echo 2 > opaque/two; echo 3 > opaque/in/three; echo f > file-to-dir
        echo z > dir-to-file/z; echo h > hard1; ln hard1 hard2; echo same > same; mkfifo fifo; mkdir link-me
        echo '[core]' > .git/config; echo 'ref: x' > .git/HEAD; echo s > set-id; chmod 644 set-id
        """

    /// What an agent does to it: every kind of change.
    private static let agent = """
        sed -i 's/^25$/twenty-five/' src/a.txt; touch same; rm gone; rm -r old; chmod 755 run.sh; rm fifo
        ln -sf nowhere src/link; mv mv.txt src/moved.txt; printf 'bin\\0bry' > bin
        rm -r opaque; mkdir -p opaque/in; echo 2 > opaque/two; echo new > opaque/in/new
        rm file-to-dir; mkdir file-to-dir; echo in > file-to-dir/in; rm -r dir-to-file; echo now > dir-to-file
        rmdir link-me; ln -s ../.. link-me; ln -s /etc/passwd absolute; ln -s a.txt src/inside
        mkdir -p empty/dir; echo sp > 'with space'; echo hh >> hard1; chmod u+s set-id; chmod 600 src/keep
        printf u > "$(printf 'new\\nline\\377')"; touch "$(printf '%0255d' 7)"; touch empty.txt
        truncate -s 3G sparse; printf end >> sparse; mkdir read-only; echo r > read-only/r; chmod 555 read-only
        mkdir closed; echo c > closed/c; chmod 000 closed; touch -d '2001-02-03 04:05:06.789Z' with\\ space
        d=deep; for i in $(seq 60); do d=$d/a-name-of-some-length; done; mkdir -p $d; echo d > $d/f
        """

    @Test("every kind of change is listed, applied as the agent sees it, and gone then", arguments: Person.all)
    func everyKind(_ person: Person) async throws {
        try await Overlay.run(person, ChangesTests.workspace) { overlay in
            // Two views of one tree: the agent's through the kernel's overlay, and the workspace after applying.
            try await overlay.agent(ChangesTests.agent + "\n" + Overlay.manifest + " > ../seen")
            let list = try await overlay.list()
            #expect(list["src/a.txt"] == "modified" && list["gone"] == "deleted" && list["run.sh"] == "mode")
            #expect(list["dir-to-file"] == "type" && list["dir-to-file/z"] == "deleted")
            #expect(list["file-to-dir"] == "type" && list["file-to-dir/in"] == "added")
            #expect(list["opaque/one"] == "deleted" && list["opaque/in/three"] == "deleted")
            #expect(list["opaque/in/new"] == "added" && list["opaque/two"] == nil && list["opaque"] == nil)
            #expect(list["src/moved.txt"] == "added renamed mv.txt" && list["mv.txt"] == "deleted")
            #expect(list["old/sub/x"] == "deleted" && list["link-me"] == "type" && list["fifo"] == "deleted")
            #expect(list["src"] == nil && list["same"] == nil && list["read-only/r"] == "added")
            #expect(list["closed"] == "added" && list["closed/c"] == "added" && list["empty/dir"] == "added")
            #expect(list["src/keep"] == "mode" && list["set-id"] == "mode" && list["hard2"] == nil)
            let text = try await overlay.changes("list").output
            for line in [
                "M  src/a.txt (141 -> 150 bytes)\n", "A  \"new\\nline\\377\" (1 bytes)\n", "D  old/sub/\n",
                "R  mv.txt -> src/moved.txt (14 bytes)\n", "m  set-id (mode 0644 -> 4644)\n",
                "A  absolute (-> /etc/passwd)\n",
                "T  dir-to-file (directory is now a file)\n",
            ] {
                #expect(text.contains(line), "\(line) in \(text)")
            }

            let apply = try await overlay.changes("apply")
            #expect(apply.status == 0, "\(apply)")
            for line in [
                "warning  set-id: its set-user-ID", "warning  link-me: it is a link that leads out of the workspace",
                "warning  absolute: it is a link", "warning  hard1: it had other names",
            ] {
                #expect(apply.output.contains(line), "\(line) in \(apply)")
            }
            #expect(!apply.output.contains("warning  src/inside"))
            try await overlay.expect(Overlay.manifest, gives: overlay.read("seen").replacing("4644", with: "644"))
            #expect(try await overlay.list().isEmpty)
            let again = try await overlay.changes("apply")
            #expect(again.status == 0 && again.output == "nothing applied\n", "\(again)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: overlay.directory + "/upper").isEmpty)
            var sparse = stat()
            lstat(overlay.workspace + "/sparse", &sparse)
            #expect(sparse.st_size == 3 << 30 + 3 && sparse.st_blocks * 512 < 1 << 20)
        }
    }

    @Test("its JSON is as docs/workspaces.md says, to the letter", arguments: Person.all)
    func golden(_ person: Person) async throws {
        try await Overlay.run(person, "echo a > a; echo gone > gone; chmod 644 a gone") { overlay in
            try await overlay.agent("echo bb > a; mv gone new; ln -s /etc link; mkfifo -m 600 pipe; mkdir -m 755 d")
            let json = ["--format", "json"]
            #expect(
                try await overlay.changes("list", json).output == """
                    {"version":1,"inUse":false,"changes":[
                    {"path":"a","change":"modified","old":{"kind":"file","mode":"0644","size":2},\
                    "new":{"kind":"file","mode":"0644","size":3}},
                    {"path":"d","change":"added","new":{"kind":"directory","mode":"0755"}},
                    {"path":"gone","change":"deleted","old":{"kind":"file","mode":"0644","size":5},"renamedTo":"new"},
                    {"path":"link","change":"added","new":{"kind":"symlink","mode":"0777","target":"/etc"}},
                    {"path":"new","change":"added","new":{"kind":"file","mode":"0644","size":5},"renamedFrom":"gone"},
                    {"path":"pipe","change":"added","new":{"kind":"fifo","mode":"0600"}}
                    ],"obstacles":[
                    ]}

                    """)
            #expect(
                try await overlay.changes("diff", json + ["a"]).output == """
                    {"version":1,"diffs":[
                    {"path":"a","text":"diff --git a/a b/a\\n--- a/a\\n+++ b/a\\n@@ -1 +1 @@\\n-a\\n+bb\\n","isCut":false}
                    ],"isComplete":true,"obstacles":[
                    ]}

                    """)
            try await overlay.shell("echo host > work/d")
            #expect(
                try await overlay.changes("apply", json + ["a", "d", "link", "pipe", "x"]).output == """
                    {"version":1,"applied":[
                    {"path":"a"},
                    {"path":"link"}
                    ],"refused":[
                    {"path":"d","code":"conflict","message":"the workspace's own was made or changed since the agent began"}
                    ],"skipped":[
                    {"path":"pipe","code":"never-applied","message":"a fifo is never applied"}
                    ],"warnings":[
                    {"path":"x","code":"unchanged","message":"there is no change at or below it"},
                    {"path":"link","code":"leads-outside","message":"it is a link that leads out of the workspace: /etc"}
                    ]}

                    """)
            #expect(
                try await overlay.changes("discard", json).output == """
                    {"version":1,"discarded":[
                    {"path":"d"},
                    {"path":"gone"},
                    {"path":"new"},
                    {"path":"pipe"}
                    ],"refused":[
                    ],"skipped":[
                    ],"warnings":[
                    ]}

                    """)
        }
    }

    @Test("a name that is not UTF-8 goes out as base64, and comes in so", arguments: Person.all)
    func names(_ person: Person) async throws {
        try await Overlay.run(person, "echo a > a") { overlay in
            try await overlay.agent("for n in one two; do echo $n > \"$(printf \"$n\\377\\nx\")\"; done")
            let changes = try #require(try await overlay.json("list").changes)
            #expect(changes.map(\.path) == ["one\u{FFFD}\nx", "two\u{FFFD}\nx"])
            let name = try #require(changes.first?.pathBase64)
            #expect(name == Data(Array("one".utf8) + [0xFF, 0x0A, 0x78]).base64EncodedString())
            let apply = try await overlay.changes("apply", ["--path-base64", name])
            #expect(apply.status == 0 && apply.output == "applied  \"one\\377\\nx\"\n", "\(apply)")
            let left = try await overlay.json("list").changes
            #expect(left?.map(\.path) == ["two\u{FFFD}\nx"])
        }
    }

    @Test("a diff is one that git applies", arguments: Person.all)
    func diff(_ person: Person) async throws {
        guard access("/usr/bin/git", X_OK) == 0 else { try Test.cancel("git is not installed") }
        try await Overlay.run(
            person,
            "mkdir d; seq 1 9 > d/a; echo g > gone; echo m > mode; ln -s x link; echo t > type; printf n > no-end"
        ) { overlay in
            try await overlay.shell("cp -a \(overlay.workspace) \(overlay.scene.directory)/copy")
            try await overlay.agent(
                """
                sed -i s/5/five/ d/a; rm gone; chmod 755 mode; ln -sf y link; rm type; ln -s z type; echo more >> no-end
                echo sp > 'sp ace'; echo n > "$(printf 'new\\nline')"; : > empty; printf '\\033[31mred\\033[0m\\n' > red
                """)
            let diff = try await overlay.changes("diff")
            #expect(diff.status == 0 && diff.output.contains("--- a/d/a\n+++ b/d/a\n"), "\(diff)")
            // No terminal: the bytes are as they are.
            #expect(diff.output.contains("\n+\u{1B}[31mred\u{1B}[0m\n"))
            try Data(diff.output.utf8).write(to: URL(filePath: overlay.scene.directory + "/patch"))
            try await overlay.shell("cd \(overlay.scene.directory)/copy && git apply --whitespace=nowarn ../patch")
            let apply = try await overlay.changes("apply")
            #expect(apply.status == 0, "\(apply)")
            try await overlay.shell("diff -r --no-dereference \(overlay.workspace) \(overlay.scene.directory)/copy")
        }
    }

    @Test("a diff has its size limited, says so, and names what it cannot compare", arguments: Person.all)
    func largeDiff(_ person: Person) async throws {
        try await Overlay.run(person, "echo x > x") { overlay in
            try await overlay.agent("seq 1 400000 > long; printf 'a\\0' > binary; truncate -s 100M large; echo y > x")
            let diff = try await overlay.changes("diff")
            #expect(diff.output.utf8.count < 2 << 20)
            for line in [
                "# the diff of long goes on: name it, with --from and --limit\n",
                "Binary files /dev/null and b/binary differ\n",
                "Binary files /dev/null and b/large of up to 104857600 bytes differ\n", "\n-x\n+y\n",
            ] {
                #expect(diff.output.contains(line), "\(line)")
            }
            let one = try await overlay.changes("diff", ["x"])
            #expect(one.output == "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n+y\n")
            let json = try await overlay.json("diff", ["x"])
            #expect(json.diffs?.map(\.text) == [one.output] && json.isComplete == true)
            // In pieces it is the same.
            var pieces = ""
            var part = try await overlay.json("diff", ["--limit", "300000", "long"]).diffs?.first
            while let piece = part {
                pieces += piece.text
                part =
                    piece.isCut
                    ? try await overlay.json("diff", ["--from", "\(pieces.utf8.count)", "--limit=300000", "long"])
                        .diffs?.first
                    : nil
            }
            let whole = try await overlay.changes("diff", ["--limit", "16000000", "long"]).output
            #expect(pieces == whole && whole.hasSuffix("\n+400000\n"))
        }
    }

    @Test("nothing is applied over what changed in the workspace meanwhile, unless by path", arguments: Person.all)
    func conflicts(_ person: Person) async throws {
        let workspace =
            "mkdir d e; for f in edited removed same kept d/x e/x; do echo $f > $f; done; mkdir gone; echo g > gone/g"
        try await Overlay.run(person, workspace) { overlay in
            try await overlay.agent(
                "for f in edited removed kept d/x; do echo agent >> $f; done; echo a > new; rm -r e; chmod 700 gone; echo z > gone/z"
            )
            try await overlay.shell(
                "cd \(overlay.workspace); echo host > edited; rm removed; echo host > new; echo late > e/late; rm -r gone"
            )
            let before = try await overlay.shell("cd \(overlay.workspace);" + Overlay.manifest)
            let apply = try await overlay.json("apply")
            #expect(apply.status == 1 && apply.applied?.isEmpty == true, "\(apply)")
            let refused = Dictionary(apply.refused!.map { ($0.path, $0.code) }, uniquingKeysWith: { one, _ in one })
            #expect(
                refused == [
                    "edited": "conflict", "removed": "conflict", "new": "conflict", "e": "conflict",
                    "e/late": "conflict", "gone": "conflict",
                ], "\(refused)")
            #expect(try await overlay.shell("cd \(overlay.workspace);" + Overlay.manifest) == before)

            let some = try await overlay.json("apply", ["kept", "edited", "d"])
            #expect(some.status == 1 && some.applied?.map(\.path) == ["d/x", "kept"], "\(some)")
            #expect(some.refused?.map(\.path) == ["edited"])
            #expect(try overlay.read("work/kept") == "kept\nagent\n")
            #expect(try overlay.read("work/edited") == "host\n")
            #expect(try await overlay.list()["kept"] == nil)
        }
    }

    @Test("what the host would execute is refused until it is asked for", arguments: Person.all)
    func protected(_ person: Person) async throws {
        try await Overlay.run(person, "mkdir -p .git/hooks lib/.git/hooks; echo c > .git/config; echo a > a") {
            overlay in
            try await overlay.agent(
                """
                echo evil > .git/hooks/pre-commit; echo evil >> .git/config; echo evil > lib/.git/hooks/x; echo b > a
                mkdir -p planted/.git; echo 'gitdir: ../x' > lib/gitfile; mkdir sub; echo 'gitdir: /x' > sub/.git
                mkdir -p bare/objects bare/refs; echo 'ref: refs/heads/x' > bare/HEAD; echo evil > bare/config
                echo evil > .envrc; mkdir s; echo evil > s/.envrc; ln -s /tmp .vscode; mkdir .git/refs; echo 1 > .git/refs/config
                """)
            let options = ["--protect", ".envrc", "--protect=.vscode/tasks.json"]
            let apply = try await overlay.json("apply", options)
            #expect(apply.status == 1 && apply.applied?.isEmpty == true)
            let refused = Dictionary(uniqueKeysWithValues: apply.refused!.map { ($0.path, $0.code) })
            #expect(
                refused == [
                    ".git/hooks/pre-commit": "protected", ".git/config": "protected", "lib/.git/hooks/x": "protected",
                    "planted/.git": "repository", "sub/.git": "repository", "bare/HEAD": "repository",
                    "bare/objects": "repository", "bare/refs": "repository", ".envrc": "protected",
                    "s/.envrc": "protected", ".vscode": "protected", "bare/config": "protected",
                ], "\(refused)")
            #expect(try overlay.read("work/a") == "a\n")
            let some = try await overlay.json("apply", options + ["a", "planted", "lib"])
            #expect(some.status == 1 && some.applied?.map(\.path) == ["a"], "\(some)")
            let all = try await overlay.changes("apply", ["--include-protected"])
            #expect(all.status == 0, "\(all)")
            #expect(try overlay.read("work/.git/hooks/pre-commit") == "evil\n")
            #expect(try await overlay.list().isEmpty)
        }
    }

    @Test("what is discarded is gone, the rest stays, and the workspace is as it was", arguments: Person.all)
    func discard(_ person: Person) async throws {
        try await Overlay.run(person, ChangesTests.workspace) { overlay in
            let before = try await overlay.shell("cd \(overlay.workspace);" + Overlay.manifest)
            try await overlay.agent(ChangesTests.agent)
            let whole = try await overlay.json(
                "discard", ["old/y", "src", "opaque/one", "closed", "dir-to-file", "nothing"])
            #expect(whole.status == 1 && whole.refused?.map(\.code) == ["part-of-whole"], "\(whole)")
            #expect(whole.warnings?.map(\.path) == ["nothing"])
            var list = try await overlay.list()
            for path in ["src/a.txt", "src/keep", "opaque/one", "closed", "dir-to-file", "dir-to-file/z"] {
                #expect(list[path] == nil, "\(path)")
            }
            #expect(
                list["opaque/in/new"] == "added" && list["opaque/in/three"] == "deleted" && list["old/y"] == "deleted")
            // The agent sees the same when it goes on.
            try await overlay.agent(
                "test -e opaque/one && test ! -e opaque/in/three && test -e dir-to-file/z && test ! -e closed && test -e src/a.txt"
            )
            let part = try await overlay.json("apply", ["opaque/in/new", "empty/dir"])
            #expect(
                part.status == 0 && part.applied?.map(\.path) == ["empty", "empty/dir", "opaque/in/new"], "\(part)")
            list = try await overlay.list()
            #expect(list["opaque/in/new"] == nil && list["opaque/in/three"] == "deleted" && list["empty"] == nil)
            try await overlay.shell("cd \(overlay.workspace); rm -r empty opaque/in/new")
            let all = try await overlay.changes("discard")
            #expect(all.status == 0, "\(all)")
            #expect(try await overlay.list().isEmpty)
            #expect(try await overlay.shell("cd \(overlay.workspace);" + Overlay.manifest) == before)
        }
    }

    @Test("an overlay that is in use is looked at and not touched", arguments: Person.all)
    func inUse(_ person: Person) async throws {
        try await Overlay.run(person, "echo a > a") { overlay in
            try await overlay.agent("echo b > a; mkdir closed; chmod 000 closed")
            let holder = try overlay.scene.start([
                "/usr/bin/flock", "--no-fork", overlay.directory, "/bin/sh", "-c",
                "echo held; exec sleep \(person.sleep(61))",
            ])
            #expect(try await eventually { holder.output == "held\n" })
            for action in ["apply", "discard"] {
                let end = try await overlay.json(action)
                #expect(end.status == 125 && end.failure?.contains("agent still runs") == true, "\(end)")
            }
            let list = try await overlay.json("list")
            #expect(list.inUse == true && list.status == 0 && list.changes?.contains { $0.path == "a" } == true)
            kill(holder.pid, SIGKILL)
            _ = try await holder.end()
            #expect(try overlay.read("work/a") == "a\n")
        }
    }

    @Test(
        "what an agent cannot have made is not believed, and FIFOs, sockets and devices are not made",
        arguments: Person.all)
    func plants(_ person: Person) async throws {
        try await Overlay.run(person, "mkdir d e; echo x > d/x; echo y > y; echo w > w; echo m > m") { overlay in
            try overlay.write(
                "plant.py",
                """
                import os, socket
                os.chdir('changes/upper')
                os.mkdir('redirected'); os.setxattr('redirected', 'user.overlay.redirect', b'/etc')
                open('meta', 'w').close(); os.truncate('meta', 5000); os.setxattr('meta', 'user.overlay.metacopy', b'')
                os.symlink('\(overlay.scene.directory)', 'd')
                os.symlink('/etc', 'etc'); os.mkfifo('pipe'); socket.socket(socket.AF_UNIX).bind('sock')
                os.mknod('w', 0o020000, 0); os.mknod('never-there', 0o020000, 0)
                open('m', 'w').close(); os.setxattr('m', 'user.overlay.whiteout', b'y')
                open('y', 'w').write('secret'); os.chmod('y', 0)
                os.mkdir('e'); os.mkfifo('e/inner')
                """)
            try await overlay.shell("python3 plant.py")
            let list = try await overlay.list()
            #expect(list["w"] == "deleted" && list["m"] == "deleted" && list["never-there"] == nil)
            #expect(list["d"] == "type" && list["pipe"] == "added")
            let apply = try await overlay.json("apply")
            #expect(apply.status == 1, "\(apply)")
            let refused = Set(apply.refused!.map(\.path))
            // Root reads whatever mode it has.
            #expect(refused == (person.uid == 0 ? ["redirected", "meta"] : ["redirected", "meta", "y"]), "\(apply)")
            let some = try await overlay.json("apply", ["d", "pipe", "sock", "e", "w", "m", "etc"])
            #expect(some.status == 0, "\(some)")
            #expect(some.skipped?.map(\.path) == ["e/inner", "pipe", "sock"])
            #expect(some.warnings?.map(\.path).sorted() == ["d", "etc"])
            #expect(Files.linkTarget(overlay.workspace + "/d") == overlay.scene.directory)
            #expect(access(overlay.workspace + "/pipe", F_OK) != 0 && access(overlay.workspace + "/m", F_OK) != 0)
            // Nothing was taken for a directory of the workspace's that is now a link out of it.
            try overlay.write(
                "plant.py",
                """
                import os
                os.chdir('changes/upper'); os.mkdir('d'); open('d/canary', 'w').write('overwritten')
                """)
            try await overlay.shell("python3 plant.py")
            let through = try await overlay.json("apply", ["d/canary"])
            #expect(through.status == 1 && through.refused?.map(\.code) == ["conflict"], "\(through)")
            #expect(try await overlay.changes("discard").status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: overlay.directory + "/upper").isEmpty)
        }
    }

    @Test("a tree that is deeper than any path is named, and can be discarded", arguments: Person.all)
    func depth(_ person: Person) async throws {
        try await Overlay.run(person, "echo a > a") { overlay in
            try overlay.write(
                "deep.py",
                """
                import os
                os.chdir('changes/upper')
                for i in range(6000):
                    os.mkdir('d'); os.chdir('d')
                open('bottom', 'w').close()
                os.chdir('..'); os.chmod('d', 0); os.chmod('.', 0o500)
                """)
            try await overlay.shell("python3 deep.py")
            let list = try await overlay.json("list")
            #expect(
                list.status == 0 && list.obstacles?.count == 1 && list.obstacles?[0].message.contains("deeper") == true)
            #expect(try await overlay.changes("apply").status == 1)
            #expect(try await overlay.changes("discard").status == 0)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: overlay.directory).sorted() == [
                    "baseline.json", "upper", "work",
                ])
        }
    }

    @Test("a full disk leaves whole files, and applying again finishes", arguments: Person.all)
    func fullDisk(_ person: Person) async throws {
        try await Overlay.run(person, "echo a > a") { overlay in
            try overlay.write(
                "full.sh",
                """
                set -e
                mount -t tmpfs -o size=1536k,mode=755 tmpfs work; cd work
                for f in 1 2 3; do echo old > $f; done; head -c 400000 /dev/zero > filler; cd ..; sleep 0.05
                python3 baseline.py
                (cd changes/upper; for f in 1 2 3; do head -c 400000 /dev/urandom > $f; done; rm -f a)
                sha256sum changes/upper/* | sed 's,changes/upper,work,' > sums
                status=0; "$1" changes apply --changes changes || status=$?
                echo "first $status"
                for f in 1 2 3; do
                    size=$(stat -c %s work/$f)
                    test "$size" = 4 || test "$size" = 400000 || echo "half: $f $size"
                done
                ls -A work | wc -l
                rm work/filler
                status=0; "$1" changes apply --changes changes || status=$?
                echo "second $status"; sha256sum -c --quiet sums && echo whole
                """)
            let end = try await overlay.scene.run([
                "/usr/bin/unshare", "-Urm", "/bin/sh", "-c",
                "cd \(overlay.scene.directory); exec sh full.sh \(Installation.programs)/jail",
            ])
            #expect(end.status == 0 && end.error.contains("ENOSPC"), "\(end)")
            #expect(end.output.contains("first 125\n4\n"), "\(end)")
            #expect(end.output.hasSuffix("second 0\nwhole\n"), "\(end)")
        }
    }

    @Test("killed anywhere, it leaves old files and new ones, and applying again finishes", arguments: Person.all)
    func killed(_ person: Person) async throws {
        let workspace = """
            mkdir -p opaque/sub gone/sub t; for i in $(seq 150); do echo "old $i" > f$i; echo $i > gone/sub/$i; done
            for i in $(seq 40); do echo $i > opaque/$i; echo $i > opaque/sub/$i; echo $i > t/$i; done
            """
        let agent = """
            for i in $(seq 150); do echo "new $i" > f$i; echo "added $i" > n$i; ln -s $i l$i; done
            rm -r gone opaque t; mkdir opaque opaque/sub; echo file > t; for i in $(seq 20); do echo o > opaque/$i; done
            mv f1 opaque/moved; mkdir -p tree/a/b; echo b > tree/a/b/c; chmod 500 tree/a
            \(Overlay.manifest) > ../seen
            """
        var whole = Duration.zero
        var timesInTheMiddle = 0
        // The first is not killed, and says how long one takes. On a busy machine that may be far from what others take.
        for round in 0..<40 where round < 8 || timesInTheMiddle == 0 {
            try await Overlay.run(person, workspace) { overlay in
                try await overlay.agent(agent)
                for _ in 0..<(round == 0 ? 0 : 3) {
                    let apply = try overlay.scene.start(["jail", "changes", "apply", "--changes", overlay.directory])
                    usleep(UInt32.random(in: 0...UInt32(whole / .microseconds(1))))
                    kill(apply.pid, SIGKILL)
                    _ = try await apply.end()
                    let state = try await overlay.shell(
                        """
                        cd \(overlay.workspace); new=0; for i in $(seq 2 150); do
                            read -r c < f$i
                            case $c in "old $i") ;; "new $i") new=$((new + 1)) ;; *) echo "half: f$i: $c" ;; esac
                            test ! -e n$i || { read -r c < n$i; test "$c" = "added $i"; } || echo "half: n$i"
                        done
                        test $new = 0 -a -e gone -o $new = 149 -a -h l150 || echo middle
                        """)
                    #expect(!state.contains("half"), "\(state)")
                    if state.contains("middle") { timesInTheMiddle += 1 }
                }
                let begin = ContinuousClock.now
                let last = try await overlay.changes("apply")
                if round == 0 { whole = ContinuousClock.now - begin }
                #expect(last.status == 0, "\(last)")
                try await overlay.expect(Overlay.manifest, gives: overlay.read("seen"))
                #expect(try await overlay.list().isEmpty)
            }
        }
        #expect(timesInTheMiddle > 0)
    }

    @Test("a link swapped in for a directory while it works leads nowhere", arguments: Person.all)
    func races(_ person: Person) async throws {
        for side in ["work", "changes/upper"] {
            try await Overlay.run(person, "mkdir -p d/e; for i in $(seq 80); do echo $i > d/e/$i; done") { overlay in
                let outside = overlay.scene.directory + "/outside"
                try await overlay.shell(
                    "mkdir -p \(outside)/e; for i in $(seq 150); do echo safe > \(outside)/e/$i; done")
                let before = try await overlay.shell("cd \(outside); find . -printf '%p %i %s %C@ %T@\\n' | sort")
                try await overlay.agent("for i in $(seq 150); do echo agent $i > d/e/$i; done; rm d/e/[1-9]")
                try overlay.write(
                    "swap.py",
                    """
                    import os
                    os.chdir('\(side)'); os.symlink('\(outside)', 'link')
                    print('up', flush=True)
                    while True:
                        os.rename('d', 'aside'); os.rename('link', 'd'); os.rename('d', 'link'); os.rename('aside', 'd')
                    """)
                let racer = try overlay.scene.start([
                    "/bin/sh", "-c", "cd \(overlay.scene.directory); exec python3 swap.py",
                ])
                #expect(try await eventually { racer.output == "up\n" })
                for _ in 0..<8 {
                    let apply = try await overlay.changes("apply", ["d"])
                    #expect([0, 1, 125].contains(apply.status), "\(apply)")
                }
                _ = try await overlay.changes("diff")
                _ = try await overlay.changes("discard", ["d"])
                kill(racer.pid, SIGKILL)
                _ = try await racer.end()
                #expect(try await overlay.shell("cd \(outside); find . -printf '%p %i %s %C@ %T@\\n' | sort") == before)
            }
        }
    }

    @Test("says what is wrong with what it is given", arguments: Person.all)
    func failures(_ person: Person) async throws {
        try await Overlay.run(person, "echo a > a") { overlay in
            for (arguments, words) in [
                (["list"], "--changes DIR is missing"), (["frob"], "list, diff, apply or discard"),
                (["list", "--changes", "/no/such"], "ENOENT"),
                (["apply", "--changes", overlay.directory, "../x"], "no path"),
                (["list", "--changes", overlay.workspace], "baseline.json"),
                (["discard", "--protect", "x"], "unknown option"),
            ] {
                let end = try await overlay.scene.run(["jail", "changes"] + arguments)
                #expect(end.status == 125 && end.error.contains(words), "\(arguments): \(end)")
            }
            try await overlay.shell("mv work moved; mkdir work")
            let end = try await overlay.json("apply")
            #expect(end.status == 125 && end.failure?.contains("another directory") == true)
            try await overlay.shell("rmdir work; mv moved work")
        }
    }
}
