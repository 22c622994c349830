// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Glibc
import JailPlan
import Testing

/// The program itself, as it was built beside these tests.
@Suite("jail-profile")
struct JailProfileCommandTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Runs it with these words for the shell.
    private func run(_ words: String) throws -> (status: Int32, output: String, errors: String) {
        let arguments = CommandLine.arguments[0]
        let directory = arguments.prefix(upTo: arguments.lastIndex(of: "/") ?? arguments.startIndex)
        let program = try #require(
            ["\(directory)/jail-profile", "\(Repository.root)/.build/debug/jail-profile"].first {
                FileManager.default.isExecutableFile(atPath: $0)
            })
        let status = system("cd '\(scratch.path)' && '\(program)' \(words) >out 2>err </dev/null")
        func read(_ name: String) throws -> String {
            try String(contentsOf: URL(filePath: "\(scratch.path)/\(name)"), encoding: .utf8)
        }
        return (status >> 8, try read("out"), try read("err"))
    }

    private var directory: String { "--directory '\(Repository.root)/sandbox-profiles'" }

    @Test("compile prints a plan for the caller and nothing else")
    func compile() throws {
        let result = try run(
            "compile --profile shell \(directory) --workspace . --env A=b=c --env D= -- ls -l --profile x")
        #expect(result.status == 0 && result.errors == "")
        let plan = try JSONDecoder().decode(JailPlan.self, from: Data(result.output.utf8))
        #expect(plan.command.arguments == ["ls", "-l", "--profile", "x"])
        #expect(plan.command.environment["A"] == "b=c" && plan.command.environment["D"] == "")
        #expect(plan.command.workingDirectory.hasPrefix("/") && plan.command.workingDirectory.hasSuffix(scratch.name))
        #expect(plan.terminal == .inherit)
        #expect(plan.identity.uid == getuid() && plan.identity.gid == getgid())
        let tty = try run("compile --profile shell \(directory) --tty 132x50 -- true").output
        #expect(try JSONDecoder().decode(JailPlan.self, from: Data(tty.utf8)).terminal == .pty(columns: 132, rows: 50))
    }

    @Test("root can compile for somebody else, nobody else can", .enabled(if: getuid() == 0, "needs root"))
    func user() throws {
        let result = try run("compile --profile shell \(directory) --user nobody -- true")
        let plan = try JSONDecoder().decode(JailPlan.self, from: Data(result.output.utf8))
        #expect(plan.identity.uid == 65534)
        #expect(plan.identity.groups == [plan.identity.gid])
    }

    @Test(
        "wrong usage ends with 2",
        arguments: [
            "", "compile", "compile --profile base", "compile --profile base -- ", "compile --bogus -- true",
            "compile --profile base --tty 80 -- true", "compile --profile base --tty 0x1 -- true",
            "compile --profile base --tty 80x24 --inherit -- true", "compile --profile base --env A -- true",
            "compile --profile base --user no-such-user -- true", "check", "frobnicate",
        ].filter { !$0.isEmpty })
    func usage(_ words: String) throws {
        let result = try run(words)
        #expect(result.status == 2)
        #expect(result.output == "" && result.errors != "")
    }

    @Test("check names every finding and ends with 1, or says nothing and ends with 0")
    func check() throws {
        try scratch.write("bad.yaml", "extends: base\nfoo: 1\numask: 9\n")
        let bad = try run("check bad.yaml \(directory)")
        #expect(bad.status == 1 && bad.output == "")
        #expect(
            bad.errors
                == "bad.yaml:2:1: unknown key \"foo\"\nbad.yaml:3:8: \"umask\" is three octal digits such as 022, not \"9\"\n"
        )
        for words in ["check codex", "check --launcher '\(Repository.root)/launchers/codex.yaml'"] {
            let good = try run("\(words) \(directory)")
            #expect(good.status == 0 && good.output == "" && good.errors == "")
        }
        #expect(try run("compile --profile base --workspace / -- true").errors.hasPrefix("the workspace is unusable"))
    }

    @Test("explain tells mounts, calls, limits, network and identity")
    func explain() throws {
        let text = try run("explain codex \(directory) --workspace '\(scratch.path)'").output
        for line in [
            "  /usr: read-only (base.yaml:", "\(scratch.name): writable (workspace)\n", "  nproc 4096\n",
            "  @mount: 0 of 15 (", "  the host's, with all that listens there", "  uid \(getuid()), gid \(getgid()),",
        ] {
            #expect(text.contains(line), "\(line)")
        }
    }
}

extension Scratch {
    var name: Substring { path[(path.lastIndex(of: "/") ?? path.startIndex)...] }
}
