// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Glibc
import Linux
import Profiles
import Testing

@testable import supervisord

/// What clients see of profiles and launchers.
@Suite(.timeLimit(.minutes(20))) struct ConfigurationMethodTests {
    /// A daemon whose library is `base` and what is written here.
    private func withLibrary(
        _ files: [String: String], _ body: @escaping @Sendable (TestDaemon, String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let library = "\(directory)/library"
            mkdir(library, 0o755)
            for (name, text) in files {
                let file = try Files.open("\(library)/\(name)", O_WRONLY | O_CREAT)
                try Files.write(Array(text.utf8), to: file.number)
            }
            var daemon = TestDaemon(directory)
            let planner = daemon.configuration.planner
            daemon.configuration.planner = AgentPlanner(
                profiles: ProfileLibrary(directories: [library, TestDaemon.repository + "/sandbox-profiles"]),
                launchers: LauncherLibrary(directories: [library]), programs: planner.programs,
                searchPath: planner.searchPath, hidden: planner.hidden, defaultProfile: nil,
                access: AccessRules(rules: nil, daemon: geteuid()))
            try await daemon.run { try await body($0, library) }
        }
    }

    private static let good = "extends: base\ndescription: mine\nlimits: {files: 100}\nnetwork: {mode: host}\n"

    @Test("profile/list names sound profiles with their words, and others with what is wrong first")
    func list() async throws {
        try await withLibrary(["good.yaml": Self.good, "bad.yaml": "extends: base\nlimts: {}\n"]) { daemon, library in
            try await daemon.connect { client in
                let profiles = try await client.result("profile/list")["profiles"]?.elements ?? []
                #expect(profiles.contains { $0["name"] == "base" })
                let good = try #require(profiles.first { $0["name"] == "good" })
                #expect(good["description"] == "mine")
                #expect(good["file"] == .string("\(library)/good.yaml"))
                #expect(good["isSound"] == true)
                let bad = try #require(profiles.first { $0["name"] == "bad" })
                #expect(bad["isSound"] == false)
                #expect(bad["problem"]?.text?.hasPrefix("\(library)/bad.yaml:2:1: unknown key \"limts\"") == true)
            }
        }
    }

    @Test("profile/get answers all layers as one, with the files, and names what is wrong with a profile as an error")
    func get() async throws {
        try await withLibrary(["good.yaml": Self.good, "bad.yaml": "limts: {}\n"]) { daemon, library in
            try await daemon.connect { client in
                let result = try await client.result("profile/get", ["profile": "good"])
                let files = result["files"]?.elements ?? []
                #expect(
                    files == [
                        .string("\(library)/good.yaml"),
                        .string(TestDaemon.repository + "/sandbox-profiles/base.yaml"),
                    ])
                let profile = try #require(result["profile"])
                #expect(profile["limits"]?["files"] == 100)
                #expect(profile["description"] == "mine")
                #expect(profile["extends"] == nil)
                #expect(profile["filesystem"]?["read_only"]?.elements.contains("/usr") == true)
                #expect(try await client.error("profile/get", ["profile": "bad"]) == "profile_invalid")
                #expect(try await client.error("profile/get", ["profile": "nobody"]) == "profile_invalid")
            }
        }
    }

    @Test("profile/check finds everything in a text by line and column, and writes nothing")
    func check() async throws {
        try await withLibrary(["good.yaml": Self.good]) { daemon, library in
            try await daemon.connect { client in
                let text = "extends: base\nnetwrok: {mode: none}\nlimits: {memory: 4 G}\n"
                let result = try await client.result("profile/check", ["profile": "new", "text": .string(text)])
                #expect(result["isSound"] == false)
                let places = result["findings"]?.elements.map {
                    [$0["severity"], $0["file"], $0["line"], $0["column"]]
                }
                #expect(places == [["error", "new.yaml", 2, 1], ["error", "new.yaml", 3, 18]])
                #expect(try Files.names(in: library, at: AT_FDCWD).filter { $0.hasSuffix(".yaml") } == ["good.yaml"])

                let stored = try await client.result("profile/check", ["profile": "good"])
                #expect(stored["isSound"] == true)
                let warnings = stored["findings"]?.elements ?? []
                #expect(warnings.allSatisfy { $0["severity"] == "warning" && $0["line"] == .null })
                #expect(warnings.contains { $0["message"]?.text?.contains("the host's network") == true })
                // A text that is to replace a profile extends the profile that it replaces.
                let itself = try await client.result("profile/check", ["profile": "good", "text": "extends: good\n"])
                #expect(itself["findings"]?.elements.first?["message"]?.text?.contains("extends itself") == true)
                let none = try await client.result("profile/check", ["profile": "nobody"])
                #expect(none["isSound"] == false)
                let large = String(repeating: "# x\n", count: 100_000)
                let tooLarge = try await client.result("profile/check", ["profile": "new", "text": .string(large)])
                #expect(tooLarge["findings"]?.elements.first?["message"]?.text?.contains("larger than 256 KiB") == true)
            }
        }
    }

    @Test("more findings than an answer has room for are counted")
    func many() async throws {
        try await withLibrary([:]) { daemon, _ in
            try await daemon.connect { client in
                let text = (0..<1000).map { "key\($0): 1\n" }.joined()
                let result = try await client.result("profile/check", ["profile": "new", "text": .string(text)])
                #expect(result["findings"]?.elements.count == 200)
                #expect((result["total"]?.number ?? 0) >= 1000)
            }
        }
    }

    @Test("nothing that a request says makes the daemon open a file outside of its library")
    func noDeputy() async throws {
        try await withLibrary(["good.yaml": Self.good]) { daemon, library in
            let secret = "\(daemon.settings.stateDirectory)/secret.yaml"
            let file = try Files.open(secret, O_WRONLY | O_CREAT)
            try Files.write(Array("password: hunter2\n".utf8), to: file.number)
            try await daemon.connect { client in
                for name in [secret, "../state/secret", "./good", "good.yaml/", "/etc/passwd", "a/b", ""] {
                    for method in ["profile/get", "profile/check"] {
                        let answer = try await client.call(method, ["profile": .string(name)])
                        #expect(answer["error"]?["data"]?["path"] == "profile", "\(answer)")
                    }
                }
                for text in ["extends: ../state/secret\n", "extends: \(secret)\n"] {
                    let result = try await client.result("profile/check", ["profile": "x", "text": .string(text)])
                    #expect(result["isSound"] == false)
                    #expect(!String(decoding: result.encoded(), as: UTF8.self).contains("hunter2"))
                }
            }
        }
    }

    @Test("what a text makes of the host's files is told only to those who may look for themselves")
    func looking() async throws {
        try await withTemporaryDirectory { directory in
            let home = try Files.open(directory, O_RDONLY | O_DIRECTORY)
            let listener = try UnixSockets.listen("there", in: home.number)
            defer { withExtendedLifetime(listener) {} }
            let planner = TestDaemon(directory).configuration.planner
            let text = "extends: base\nfilesystem: {read_only: [\(directory)/there, \(directory)/not-there]}\n"
            let name = try #require(ProfileName("x"))
            func messages(_ mayLook: Bool) -> [String] {
                ProfileChecker(planner: planner, owner: geteuid(), mayLook: mayLook).check(name, text: text).findings
                    .map(\.message)
            }
            #expect(messages(true).contains { $0.contains("\(directory)/there") })
            #expect(messages(false) == [])
        }
    }

    @Test(
        "an ordinary user of the system's daemon learns nothing of the host's files through it, and nothing of others' agents",
        .enabled(if: geteuid() == 0 && access("/usr/bin/socat", X_OK) == 0, "needs root, and socat"))
    func ordinaryUser() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = TestDaemon(directory)
            // A process of its own: what this one starts would count as jailed.
            let pid = try await systemDaemon(daemon, directory)
            defer {
                kill(pid, SIGTERM)
                _ = try? Processes.wait(for: pid)
            }
            for path in [directory, "\(directory)/run"] { chmod(path, 0o755) }
            let text = "extends: base\nfilesystem: {read_only: [\(daemon.settings.socket)]}\n"
            let check: JSONValue = ["profile": "x", "text": .string(text)]
            let metrics = try await answer(to: "supervisor/metrics", [:], daemon, directory)
            #expect(
                metrics["error"]?["message"]
                    == "supervisor/metrics counts everyone's agents, and so is for administrators, and for viewers of \"agents: all\""
            )
            let checked = try await answer(to: "profile/check", check, daemon, directory)
            #expect(checked["result"] == ["findings": [], "isSound": true], "\(checked)")
            // An administrator is told that there is a socket.
            let result = try await daemon.connect { try await $0.result("profile/check", check) }
            #expect("\(result)".contains(daemon.settings.socket))
        }
    }

    /// Returns once it takes connections.
    private func systemDaemon(_ daemon: TestDaemon, _ directory: String) async throws -> Int32 {
        let configuration = try Files.open("\(directory)/config.yaml", O_WRONLY | O_CREAT)
        try Files.write(Array("agents: {running: 1}\n".utf8), to: configuration.number)
        let null = try Files.open("/dev/null", O_RDWR)
        let program = "\(TestDaemon.besides)/supervisord"
        let options = [
            "--state-dir", daemon.settings.stateDirectory, "--socket", daemon.settings.socket, "--jail",
            TestDaemon.jail,
            "--config", "\(directory)/config.yaml", "--profiles", TestDaemon.repository + "/sandbox-profiles",
        ]
        let pid = try Spawn.start(
            program, [program] + options, descriptors: [0: null.number, 1: null.number, 2: null.number])
        for _ in 0..<12_000 {
            if (try? await daemon.connect { try await $0.result("supervisor/status") }) != nil { return pid }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("no daemon")
        return pid
    }

    /// What somebody gets who is neither root nor the daemon's user, but may connect.
    private func answer(
        to method: String, _ params: JSONValue, _ daemon: TestDaemon, _ directory: String
    ) async throws -> JSONValue {
        let request: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params]
        let name = "\(directory)/\(UInt64.random(in: 0..<(1 << 40)))"
        let input = try Files.open("\(name).in", O_RDWR | O_CREAT)
        try Files.write(request.encoded() + [UInt8(ascii: "\n")], to: input.number)
        lseek(input.number, 0, SEEK_SET)
        let output = try Files.open("\(name).out", O_RDWR | O_CREAT)
        let words = ["--reuid=47123", "--clear-groups", "socat", "-t10", "-", "UNIX-CONNECT:\(daemon.settings.socket)"]
        let pid = try Spawn.start(
            "/usr/bin/setpriv", ["setpriv"] + words, environment: ["PATH": "/usr/bin:/bin"],
            descriptors: [0: input.number, 1: output.number, 2: output.number])
        var text: [UInt8] = []
        for _ in 0..<3000 where text.last != UInt8(ascii: "\n") {
            try await Task.sleep(for: .milliseconds(10))
            let file = try Files.open("\(name).out", O_RDONLY)
            text = try Files.readAll(file.number)
        }
        _ = try? Processes.wait(for: pid)
        return try JSONValue(parsing: text.dropLast())
    }

    @Test("launcher/list says of each launcher what it runs, whether that is there, and what it takes")
    func launchers() async throws {
        let launchers = [
            "shell.yaml": "profile: base\ndescription: sh\nprogram: sh\narguments: [\"${arguments}\"]\n",
            "asks.yaml":
                "profile: base\nprogram: not-there-at-all\narguments: [\"${prompt}\"]\nrestart_arguments: [again]\n",
            "bad.yaml": "program: sh\n", "bare.yaml": "profile: base\narguments: [\"${arguments}\"]\n",
        ]
        try await withLibrary(launchers) { daemon, library in
            try await daemon.connect { client in
                let list = try await client.result("launcher/list")["launchers"]?.elements ?? []
                #expect(list.compactMap { $0["name"]?.text } == ["asks", "bad", "bare", "shell"])
                let (asks, bad, bare, shell) = (list[0], list[1], list[2], list[3])
                #expect(asks["takesPrompt"] == true && asks["resumes"] == true && asks["takesArguments"] == false)
                #expect(asks["program"]?["path"] == .null)
                #expect(asks["program"]?["problem"]?.text?.contains("is not installed") == true)
                #expect(bad["isSound"] == false && bad["problem"]?.text?.contains("names no profile") == true)
                #expect(bare["program"] == .null && bare["profile"] == "base")
                #expect(shell["takesArguments"] == true && shell["takesPrompt"] == false && shell["resumes"] == false)
                #expect(shell["program"]?["path"]?.text?.hasPrefix("/") == true)
                #expect(shell["file"] == .string("\(library)/shell.yaml"))
                #expect(shell["description"] == "sh")
            }
        }
    }

    @Test("rpc.discover describes the methods that this daemon answers, and no other")
    func discover() async throws {
        try await withLibrary([:]) { daemon, _ in
            try await daemon.connect { client in
                let document = try await client.result("rpc.discover")
                let described = document["methods"]?.elements.compactMap { $0["name"]?.text } ?? []
                #expect(described.sorted() == Dispatch.names)
            }
        }
    }
}
