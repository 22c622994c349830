// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// What an agent leaves in a direct workspace in order to have its owner's git run it: each test lets it try, and then is
/// the owner.
@Suite("the owner's git", .timeLimit(.minutes(20))) struct PlantedRepositoryTests {
    /// A workspace in which somebody works under the base profile.
    private struct Workspace {
        let scene: Scene

        /// A file that nothing but a command of the agent's makes.
        var mark: String { scene.directory + "/mark" }

        /// Prints a git configuration with which every status runs a command of the agent's.
        var hostileSettings: String {
            #"printf '[core]\n\tbare = false\n\tworktree = %s\n\tfsmonitor = "touch \#(mark); false"\n' "$PWD""#
        }

        func agent(_ command: String) async throws -> String {
            let end = try await scene.jail("exec 2>/dev/null\n\(command)\necho done")
            #expect(end.status == 0, "\(end)")
            return end.output
        }

        func owner(_ command: String) async throws {
            _ = try await scene.run(["/bin/sh", "-c", command])
            #expect(access(mark, F_OK) != 0, "a command of the agent's ran at: \(command)")
        }
    }

    private func run(_ person: Person, _ setUp: String, _ body: (Workspace) async throws -> Void) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.shell(
                """
                git config --global user.name a; git config --global user.email a@example.org
                git config --global protocol.file.allow always
                \(setUp)
                """)
            #expect(end.status == 0, "\(end)")
            try await body(Workspace(scene: scene))
        }
    }

    @Test(
        "takes no workspace for a repository of the agent's, with one in it already or without",
        arguments: Person.all, ["git init -q .; echo a > a; git add a; git commit -qm a", "echo a > a"])
    func bare(_ person: Person, _ setUp: String) async throws {
        try await run(person, setUp) { workspace in
            let scene = workspace.scene
            let plan = try await scene.plan(
                """
                exec 2>/dev/null
                mv .git/HEAD HEAD; ln -s .git/objects objects; ln -s .git/refs refs; ln -s .git/index index
                git init -q --bare /tmp/bare; cp -rn /tmp/bare/. .; rm -f config; \(workspace.hostileSettings) > config
                echo planted; sleep \(person.sleep(50))
                """)
            let jail = try scene.start(plan)
            #expect(try await eventually { jail.output == "planted\n" }, "\(jail.error)")
            #expect(scene.exists("work/HEAD") && scene.exists("work/config"))
            try await workspace.owner("git status")
            kill(jail.pid, SIGTERM)
            _ = try await jail.end()
            try await workspace.owner("git status; git log; git diff HEAD")
            #expect(!scene.exists("work/commondir") && !scene.exists("work/refs"))
        }
    }

    @Test("is not in the way of an agent's own", arguments: Person.all)
    func work(_ person: Person) async throws {
        try await run(person, "git init -q .; echo a > a; git add a; git commit -qm a") { workspace in
            let output = try await workspace.agent("git status --porcelain; git diff HEAD; git log --format=%s HEAD")
            #expect(output == "a\ndone\n")
        }
    }

    @Test("finds the submodules of submodules, and other worktrees, as they were", arguments: Person.all)
    func nested(_ person: Person) async throws {
        let setUp = """
            for name in inner mid; do
                git init -q ../$name; echo a > ../$name/a; git -C ../$name add a; git -C ../$name commit -qm a
            done
            git -C ../mid submodule --quiet add ../inner; git -C ../mid commit -qm inner
            git init -q .; echo a > a; git add a; git submodule --quiet add ../mid; git commit -qm a
            git submodule --quiet update --init --recursive; git worktree add -q wt
            """
        try await run(person, setUp) { workspace in
            let output = try await workspace.agent(
                """
                git init -q elsewhere; cd elsewhere; echo a > a; git add a; git commit -qm a; cd ..
                \(workspace.hostileSettings) >> elsewhere/.git/config
                for tree in mid mid/inner wt; do
                    test -f $tree/.git || echo "missing: $tree"
                    rm -f $tree/.git; echo "gitdir: $PWD/elsewhere/.git" > $tree/.git && echo "written: $tree"
                done
                """)
            #expect(output == "done\n")
            try await workspace.owner("git status; git -C wt status; git -C mid status; git -C mid/inner status")
        }
    }

    @Test("obeys no setting that was left alone because its repository looked like none", arguments: Person.all)
    func twoRuns(_ person: Person) async throws {
        let setUp = """
            git init -q ../mid; echo a > ../mid/a; git -C ../mid add a; git -C ../mid commit -qm a
            git init -q .; echo a > a; git add a; git submodule --quiet add ../mid; git commit -qm a
            """
        try await run(person, setUp) { workspace in
            let first = try await workspace.agent("mv .git/modules/mid/HEAD .git/modules/mid/x && echo moved")
            #expect(first == "moved\ndone\n")
            let second = try await workspace.agent(
                "cd .git/modules/mid; \(workspace.hostileSettings) >> config && echo written; mv x HEAD")
            #expect(second == "done\n")
            try await workspace.owner("git status; git -C mid status")
        }
    }

    @Test("runs no hook of the agent's, wherever it is told to take hooks from", arguments: Person.all)
    func hooksPaths(_ person: Person) async throws {
        let setUp = """
            git init -q .; git config extensions.worktreeConfig true; mkdir .hk; echo a > a; git add a; git commit -qm a
            """
        // Whose home is by an entry in passwd, that is not this test's to write to.
        let hasEntry = getpwuid(person.uid) != nil
        let global = [
            "git config --global core.hooksPath .hk",
            "git config --global include.path '~/more'; git config -f ~/more core.hooksPath .hk",
        ]
        for setting in ["git config --worktree core.hooksPath .hk"] + (hasEntry ? [] : global) {
            try await run(person, setUp + "\n" + setting) { workspace in
                let output = try await workspace.agent(
                    """
                    printf '#!/bin/sh\\ntouch \(workspace.mark)\\n' > .hk/pre-commit && echo written; chmod +x .hk/pre-commit
                    python3 -c 'import os; os.rename(".hk", "x")' && echo moved
                    git status --porcelain
                    """)
                #expect(output == "done\n", "\(setting)")
                try await workspace.owner("echo b > b; git add b; git commit -m b")
            }
        }
    }

    @Test("goes on working beside a jail, with a configuration for each worktree too", arguments: Person.all)
    func beside(_ person: Person) async throws {
        let setUp = "git init -q .; git config extensions.worktreeConfig true; echo a > a; git add a; git commit -qm a"
        try await run(person, setUp) { workspace in
            let plan = try await workspace.scene.plan("echo up; sleep \(person.sleep(51))")
            let jail = try workspace.scene.start(plan)
            #expect(try await eventually { jail.output == "up\n" }, "\(jail.error)")
            let end = try await workspace.scene.shell(
                "git status --porcelain && echo b >> a && git commit -qam b && echo ok")
            #expect(end.output == "ok\n", "\(end)")
            kill(jail.pid, SIGTERM)
            _ = try await jail.end()
        }
    }

    @Test("runs no script of the agent's that a hook is a link to", arguments: Person.all)
    func linkedHooks(_ person: Person) async throws {
        let setUp = """
            git init -q .; mkdir scripts; echo '#!/bin/sh' > scripts/check; chmod +x scripts/check
            ln -s ../../scripts/check .git/hooks/pre-commit; ln -s ../../scripts/later .git/hooks/post-commit
            git add scripts; git commit -qm a
            """
        try await run(person, setUp) { workspace in
            let output = try await workspace.agent(
                """
                for name in check later; do
                    printf '#!/bin/sh\\ntouch \(workspace.mark)\\n' > scripts/$name && echo "written: $name"
                    chmod +x scripts/$name; rm -f scripts/$name; test -e scripts/$name || echo "removed: $name"
                done
                python3 -c 'import os; os.rename("scripts", "x")' && echo moved
                echo b > scripts/other && echo written
                """)
            #expect(output == "written\ndone\n")
            try await workspace.owner("echo b > b; git add b; git commit -m b")
        }
    }
}
