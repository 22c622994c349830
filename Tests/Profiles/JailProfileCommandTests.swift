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

    @Test("a variable without a value is the caller's, and pieces of a profile are laid over it")
    func pieces() throws {
        let set = "--set 'network: {mode: host}' --set='{umask: \"077\", network: {connect: [443]}}'"
        let result = try run("compile --profile shell \(directory) \(set) --chdir /usr/./bin --env HOME -- true")
        #expect(result.status == 0, "\(result)")
        let plan = try JSONDecoder().decode(JailPlan.self, from: Data(result.output.utf8))
        #expect(plan.network == .host && plan.ports?.connect == [443] && plan.umask == 0o077)
        #expect(plan.command.environment["HOME"] == String(cString: getenv("HOME")))
        #expect(plan.command.workingDirectory == "/usr/bin")
        #expect(
            try run("compile --profile shell \(directory) --chdir usr -- true").errors.contains("not an absolute path"))
        for (words, message) in [
            ("--set 'fo: 1'", "--set:1:1: unknown key \"fo\""),
            ("--set 'umask: 1' --set '['", "--set 1:1:8: \"umask\" is three octal digits"),
            ("--set 'umask: 1' --set '['", "--set 2:"),
            ("--set 'extends: base'", "--set:1:10: a piece of a profile extends nothing"),
        ] {
            for command in ["check shell", "explain shell", "compile --profile shell -- true"] {
                let place = command.firstRange(of: " --")?.lowerBound ?? command.endIndex
                let (start, end) = (command[..<place], command[place...])
                let result = try run("\(start) \(directory) \(words)\(end)")
                #expect(result.status == 1 && result.errors.contains(message), "\(command) \(result)")
            }
        }
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
            "compile --profile base --tty 80x24 --inherit -- true", "compile --profile base --env =A -- true",
            "compile --profile shell --directory '\(Repository.root)/sandbox-profiles' --env NOT_THERE -- true",
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

    @Test("check names every finding as a line of JSON, on standard output")
    func findings() throws {
        struct Finding: Codable, Equatable {
            var file: String
            var line: Int
            var column: Int
            var message: String
        }
        try scratch.write("bad.yaml", "extends: base\nfoo: 1\numask: 9\n")
        let bad = try run("check --format json bad.yaml \(directory)")
        #expect(bad.status == 1 && bad.errors == "")
        let lines = try bad.output.split(separator: "\n").map {
            try JSONDecoder().decode(Finding.self, from: Data($0.utf8))
        }
        #expect(lines.map(\.line) == [2, 3] && lines.map(\.column) == [1, 8])
        #expect(lines.first == Finding(file: "bad.yaml", line: 2, column: 1, message: "unknown key \"foo\""))
        #expect(try run("check --format json codex \(directory)").output == "")
    }

    @Test("explain gives the policy as canonical JSON, the same for every command and without its environment's values")
    func policy() throws {
        let words = "explain review \(directory) --workspace '\(scratch.path)' --format json"
        let one = try run(words)
        #expect(one.status == 0)
        #expect(try run(words).output == one.output)
        let plan = try JSONDecoder().decode(JailPlan.self, from: Data(one.output.utf8))
        #expect(plan.command.arguments == [] && plan.command.environment["SHELL"] == "")
        #expect(plan.command.environment.values.allSatisfy { $0 == "" })
        #expect(plan.filesystem.contains { if case .overlay = $0.kind { true } else { false } })
    }

    @Test("explain works for an identity that is only chosen at the start, and compile needs it")
    func identity() throws {
        try scratch.write("dynamic.yaml", "extends: base\nidentity: dynamic\n")
        #expect(try run("explain dynamic.yaml \(directory)").output.contains("outside a uid and gid of its own"))
        let without = try run("compile --profile dynamic.yaml \(directory) -- true")
        #expect(without.status == 1 && without.errors.contains("--outside"))
        let plan = try run("compile --profile dynamic.yaml \(directory) --outside 100000:100001 -- true").output
        let outside = try JSONDecoder().decode(JailPlan.self, from: Data(plan.utf8)).identity.outside
        #expect(outside == .init(uid: 100_000, gid: 100_001))
        for wrong in ["0:1", "1:0", "1", "4294967295:1", "a:b"] {
            #expect(try run("compile --profile dynamic.yaml \(directory) --outside \(wrong) -- true").status == 2)
        }
    }

    @Test("compile gives each jail a machine id of its own")
    func machineID() throws {
        func id() throws -> String {
            let text = try run("compile --profile base \(directory) -- true").output
            let plan = try JSONDecoder().decode(JailPlan.self, from: Data(text.utf8))
            guard case .file(let content, _) = plan["/etc/machine-id"] else { return "" }
            return content
        }
        let one = try id()
        #expect(one.utf8.count == 33 && one.hasSuffix("\n"))
        #expect(one.dropLast().allSatisfy { "0123456789abcdef".contains($0) })
        #expect(try id() != one)
    }

    @Test("what confines nothing is refused: changes and an identity that the profile has no use for")
    func useless() throws {
        let changes = try run(
            "compile --profile base \(directory) --workspace '\(scratch.path)' --changes /tmp -- true")
        #expect(changes.status == 2 && changes.errors.contains("keeps no changes apart"), "\(changes)")
        let outside = try run("compile --profile base \(directory) --outside 5:5 -- true")
        #expect(outside.status == 2 && outside.errors.contains("is its owner"), "\(outside)")
    }

    @Test("nothing that an agent can have named is obeyed by a terminal, or looks like a line of ours")
    func hostileNames() throws {
        let hostile = "\(scratch.path)/a\u{1B}[2J\nEnvironment\u{202E}"
        try FileManager.default.createDirectory(atPath: hostile, withIntermediateDirectories: true)
        // As the shell spells it.
        let explained = try run(
            #"explain base \#(directory) --workspace "$(printf 'a\033[2J\nEnvironment\342\200\256')""#)
        #expect(
            explained.status == 0 && explained.output.contains("a\\u{1b}[2J\\u{a}Environment\\u{202e}"), "\(explained)")
        #expect(!explained.output.contains("\u{1B}") && !explained.output.contains("\nEnvironment\u{202E}"))
        let file = try scratch.write("bad.yaml", "\"a\\e[2J\\nb\": 1\n")
        let checked = try run("check '\(file)'")
        #expect(checked.status == 1 && !checked.errors.contains("\u{1B}"), "\(checked)")
        #expect(checked.errors.split(separator: "\n").count == 1, "\(checked)")
    }

    @Test("explain tells mounts, calls, limits, network and identity")
    func explain() throws {
        let text = try run("explain codex \(directory) --workspace '\(scratch.path)'").output
        for line in [
            "  /usr: read-only (base.yaml:", "\(scratch.name): writable (workspace)\n", "  nproc 4096\n",
            "/.git/hooks: read-only, whether it is there or not (base.yaml:", "  memory 16G", ", if the host can\n",
            "Warnings: what weakens it\n", "  the host's network: in reach are", "  sockets: unix inet inet6 netlink\n",
            "  @mount: 0 of 15 (", "  the host's, with all that listens there", "  uid \(getuid()), gid \(getgid()),",
        ] {
            #expect(text.contains(line), "\(line)")
        }
    }
}

extension Scratch {
    var name: Substring { path[(path.lastIndex(of: "/") ?? path.startIndex)...] }
}
