// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Testing

@testable import Profiles

@Suite("A launcher")
struct LauncherTests {
    let scratch: Scratch
    let profile: Profile

    init() throws {
        scratch = try Scratch()
        profile = try scratch.profile("\(minimal)workspace: direct\nenvironment: {A: profile, B: profile}\n")
    }

    private func assemble(_ text: String, _ request: PlanRequest) throws -> Assembled {
        try scratch.launcher("profile: test\n" + text).assemble(request, profile: profile)
    }

    private func failure(_ text: String, _ request: PlanRequest) throws -> PlanError? {
        let launcher = try scratch.launcher("profile: test\n" + text)
        return #expect(throws: PlanError.self) { try launcher.assemble(request, profile: profile) }
    }

    private func asking(_ arguments: [String] = [], prompt: String? = nil) -> PlanRequest {
        var asking = request(workspace: "/srv/app")
        asking.arguments = arguments
        asking.prompt = prompt
        return asking
    }

    @Test("is not used with a profile that the operator does not grant")
    func profileBounds() throws {
        var asking = asking()
        asking.bounds = try scratch.bounds("profiles: [other, test]")
        _ = try assemble("arguments: [ls]", asking)
        asking.bounds = try scratch.bounds("profiles: [other, more]")
        let refusal = try failure("arguments: [ls]", asking)
        #expect(refusal?.subject == .refused)
        #expect(refusal?.message.contains("may not use the profile test") == true)
        #expect(refusal?.message.hasSuffix("it allows more, other") == true)
        asking.bounds.profiles = []
        #expect(try failure("arguments: [ls]", asking)?.subject == .refused)
    }

    @Test(
        "says what is wrong with each of its keys, and where",
        arguments: [
            ("progarm: x", "1:1 unknown key \"progarm\"; did you mean \"program\"?"),
            ("profile: A", "1:10 \"A\" cannot be the name of a profile: \(ProfileName.rule)"),
            ("extends: x", "1:10 there is no launcher \"x\" to extend"),
            (
                "program: \"${package}/x\"",
                "1:10 unknown variable ${package}; here one can write ${agent} ${home} ${user} ${workspace}"
            ),
            ("package: [a/b]", "1:11 \"a/b\" is not the name of a file"),
            ("package: x", "1:10 expected a list for \"package\", such as [one, two], found \"x\""),
            (
                "arguments: [\"x${arguments}\"]",
                "1:13 ${arguments} stands for any number of words, and so must stand alone"
            ),
            ("tty: yes", "1:6 expected true or false for \"tty\", found \"yes\""),
            ("environment: {X: \"${prompt}\"}", "1:15 unknown variable ${prompt}; here one can write \(everywhere)"),
            ("own_directories: [x]", "1:19 \"x\" is not an absolute path"),
            ("own_directories: [/dev/x]", "1:19 /dev/x cannot be replaced: jail makes /dev itself"),
            ("files: [{path: /a}]", "1:9 a file needs \"content\""),
            ("files: [{content: a}]", "1:9 a file needs a \"path\""),
            (
                "files: [{path: /a, content: a, mode: \"7777\"}]",
                "1:38 \"mode\" is three octal digits such as 022, not \"7777\""
            ),
            ("files: [x]", "1:9 expected a file as {path: …, mode: \"0600\", content: …}, found \"x\""),
            ("stop: [INT]", "1:8 \"INT\" cannot be a stop signal"),
            ("stop: [SIGTREM]", "1:8 \"SIGTREM\" cannot be a stop signal; did you mean \"SIGTERM\"?"),
            (
                "stop: [SIGKILL]",
                "1:8 \"SIGKILL\" cannot be a stop signal; what is left after the last one is killed anyway"
            ),
        ])
    func findings(_ text: String, _ finding: String) throws {
        let rest = ["profile: p\n", "arguments: [a]\n"].filter { !text.hasPrefix($0.prefix(8)) }.joined()
        #expect(try scratch.launcherFindings("\(text)\n\(rest)") == [finding])
    }

    static let everywhere = "${agent} ${home} ${package} ${program} ${user} ${workspace}"

    @Test("needs a profile and something to run")
    func incomplete() throws {
        #expect(
            try scratch.launcherFindings("description: x\n") == [
                "1:1 the launcher names no profile", "1:1 the launcher has neither a program nor arguments",
            ])
    }

    @Test("puts the request's words, the prompt and variables where it says")
    func words() throws {
        let text = "program: /bin/sh\narguments: [-C, \"${workspace}\", \"${arguments}\", --, \"p=${prompt}\"]\n"
        let words = try assemble(text, asking(["-x", "${home}"], prompt: "a b ${home}")).plan.command.arguments
        #expect(words.dropFirst() == ["-C", "/srv/app", "-x", "${home}", "--", "p=a b ${home}"])
        #expect(try assemble(text, asking(prompt: "")).plan.command.arguments.suffix(2) == ["--", "p="])
    }

    @Test("takes a prompt and words exactly if it has a place for them")
    func places() throws {
        #expect(try failure("arguments: [a]\n", asking(prompt: "x"))?.message == "the launcher test takes no prompt")
        #expect(try failure("arguments: [a, \"${prompt}\"]\n", asking())?.message == "the launcher test needs a prompt")
        #expect(try failure("arguments: [a]\n", asking(["x"]))?.message == "the launcher test takes no arguments")
        #expect(
            try failure("arguments: [\"${arguments}\"]\n", asking())?.message
                == "the launcher test needs a command to run")
        #expect(try failure("arguments: [a, \"${prompt}\"]\n", asking(prompt: "\0"))?.subject == .request("command"))
        let bare = PlanRequest(owner: request().owner, agent: "a")
        #expect(try failure("arguments: [\"${workspace}\"]\n", bare)?.message.contains("needs a workspace") == true)
    }

    @Test("finds its program by path, by the operator's word, and then by search path")
    func program() throws {
        let one = try scratch.write("one/tool", "#!/bin/sh\n", mode: 0o755)
        let two = try scratch.write("two/tool", "#!/bin/sh\n", mode: 0o755)
        try scratch.write("zero/tool", "not a program")
        var request = asking()
        request.searchPath = ["relative", "\(scratch.path)/zero", "\(scratch.path)/one"]
        func path(_ text: String) throws -> String? { try assemble(text, request).plan.command.arguments.first }
        #expect(try path("program: \(two)\n") == two)
        #expect(try path("program: tool\n") == one)
        request.programs = ["tool": two]
        #expect(try path("program: tool\n") == two)
        #expect(
            try failure("program: toool\n", request)?.message.contains("toool is not installed (looked in /") == true)
        #expect(try failure("program: a/b\n", request)?.message.contains("neither an absolute path nor") == true)
        #expect(
            try failure("program: \(scratch.path)/zero/tool\n", request)?.message.contains("not an executable") == true)
        #expect(try failure("program: /nowhere\n", request)?.message.contains("No such file") == true)
        request.programs = ["tool": "bin/tool"]
        #expect(try failure("program: tool\n", request)?.subject == .request("programs"))
    }

    @Test("brings the package that the program came in, through links, and never a home")
    func package() throws {
        let program = try scratch.write("pack/a/b/tool", "#!/bin/sh\n", mode: 0o755)
        try scratch.write("package.json", "{}")
        try FileManager.default.createSymbolicLink(atPath: "\(scratch.path)/link", withDestinationPath: program)
        let text = """
            program: \(scratch.path)/link
            package: [tool.json, package.json]
            environment: {PROGRAM: "${program}", PACKAGE: "${package}"}
            """
        var request = asking()
        func package() throws -> String? {
            let plan = try assemble(text, request).plan
            let package = try #require(plan.command.environment["PACKAGE"])
            #expect(plan.command.environment["PROGRAM"] == program)
            #expect(plan.command.arguments == [program])
            #expect(plan[package] == .bind(.init(source: .path(package), writable: false, optional: false)))
            return package
        }
        #expect(try package() == scratch.path)
        request.owner.home = scratch.path
        #expect(try package() == program)
        request.owner.home = "\(scratch.path)/ada"
        #expect(try package() == program)
        request.owner.home = "/home/ada"
        try scratch.write("pack/a/tool.json", "{}")
        #expect(try package() == "\(scratch.path)/pack/a")
        try FileManager.default.removeItem(atPath: "\(scratch.path)/pack/a/tool.json")
        let deep = try scratch.write("pack/1/2/3/4/tool", "#!/bin/sh\n", mode: 0o755)
        let plan = try assemble("program: \(deep)\npackage: [package.json]\n", request).plan
        #expect(plan[deep] != nil, "five levels up is too far")
    }

    @Test("has directories of its own, with files in them, and other files in the plan")
    func directories() throws {
        let assembled = try assemble(
            """
            arguments: [a]
            own_directories: ["${home}/.a", "${home}/.a/b"]
            files:
              - {path: "${home}/.a/x", content: one}
              - {path: "${home}/.a/b/c/y", mode: "0644", content: "two ${home}"}
              - {path: "${home}/.a/x", mode: "0400", content: three}
              - {path: "${home}/.ab", content: four}
            """, asking())
        #expect(
            assembled.ownDirectories == [
                OwnDirectory(relativePath: "own/0", files: [.init(name: "x", mode: 0o400, content: "three")]),
                OwnDirectory(relativePath: "own/1", files: [.init(name: "c/y", mode: 0o644, content: "two ${home}")]),
            ])
        let plan = assembled.plan
        #expect(plan["/home/ada/.a"] == .bind(.init(source: .agentDirectory("own/0"), writable: true, optional: false)))
        #expect(
            plan["/home/ada/.a/b"] == .bind(.init(source: .agentDirectory("own/1"), writable: true, optional: false)))
        #expect(plan["/home/ada/.ab"] == .file(content: "four", mode: 0o600))
        #expect(targets(plan).filter { $0.hasPrefix("/home") } == ["/home/ada/.a", "/home/ada/.a/b", "/home/ada/.ab"])
        #expect(
            try failure("arguments: [a]\nown_directories: [/a]\nfiles: [{path: /a, content: x}]\n", asking())?
                .description.contains("test.yaml:4:16: /a is an own directory") == true)
    }

    @Test("says whether there is a terminal and an input, unless the request does")
    func terminal() throws {
        var request = asking()
        func terminal(_ text: String) throws -> JailPlan.Terminal {
            try assemble("arguments: [a]\n\(text)", request).plan.terminal
        }
        request.terminal = .asLaunched(columns: 100, rows: 30)
        #expect(try terminal("") == .pty(columns: 100, rows: 30))
        #expect(try terminal("tty: false\n") == .pipes(input: false))
        #expect(try terminal("tty: false\ninput: true\n") == .pipes(input: true))
        request.terminal = .pty(columns: 1, rows: 2)
        #expect(try terminal("tty: false\n") == .pty(columns: 1, rows: 2))
        request.terminal = .pipes
        #expect(try terminal("tty: true\n") == .pipes(input: false))
        request.terminal = .inherit
        #expect(try terminal("tty: true\n") == .inherit)
    }

    @Test("sets the environment over the profile and under the request")
    func environment() throws {
        var request = asking()
        request.environment = ["C": "request"]
        let environment = try assemble("arguments: [a]\nenvironment: {B: launcher, C: launcher}\n", request).plan
            .command.environment
        #expect(["A", "B", "C"].map { environment[$0] } == ["profile", "launcher", "request"])
    }

    @Test("extends another: its lists of words replace, its files and directories add")
    func extends() throws {
        try scratch.write(
            "launchers/base.yaml",
            """
            profile: test
            program: /bin/sh
            arguments: [a]
            stop: [SIGHUP]
            tty: false
            own_directories: ["${home}/.a"]
            files: [{path: "${home}/.a/x", content: base}, {path: "${home}/.a/y", content: base}]
            environment: {A: base, B: base}
            """)
        let assembled = try assemble(
            """
            extends: base
            arguments: [b, c]
            own_directories: ["${home}/.a", "${home}/.b"]
            files: [{path: "${home}/.a/x", content: new}]
            environment: {B: new}
            """, asking())
        #expect(assembled.plan.command.arguments.dropFirst() == ["b", "c"])
        #expect(assembled.stopSignals == ["SIGHUP"])
        #expect(assembled.plan.terminal == .pipes(input: false))
        #expect(assembled.ownDirectories.map(\.relativePath) == ["own/0", "own/1"])
        #expect(assembled.ownDirectories.first?.files.map(\.content).sorted() == ["base", "new"])
        #expect(["A", "B"].map { assembled.plan.command.environment[$0] } == ["base", "new"])
    }
}
