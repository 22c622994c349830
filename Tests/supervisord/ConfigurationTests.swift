// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import Linux
import Profiles
import Testing

@testable import supervisord

@Suite struct ConfigurationTests {
    private func resolve(_ arguments: [String], _ environment: [String: String]) throws -> (
        Settings, DaemonConfiguration
    ) {
        try Flags.parse(arguments).resolve(
            environment: environment, workingDirectory: "/elsewhere", executable: "/opt/bin/supervisord", uid: 1000)
    }

    @Test("in user mode everything is in the user's directories")
    func user() throws {
        let (settings, configuration) = try resolve(
            ["--user"], ["HOME": "/home/ada", "XDG_RUNTIME_DIR": "/run/user/1000", "PATH": "/a:/b"])
        #expect(settings.mode == .user)
        #expect(settings.stateDirectory == "/home/ada/.local/state/agent-supervisor")
        #expect(settings.socket == "/run/user/1000/agent-supervisor/control.sock")
        #expect(settings.jail == "/opt/bin/jail")
        #expect(configuration.ring == 64 << 20)
        let planner = configuration.planner
        #expect(planner.searchPath == ["/a", "/b"])
        #expect(
            planner.hidden == [
                "/home/ada/.local/state/agent-supervisor", "/run/user/1000/agent-supervisor",
                "/home/ada/.config/agent-supervisor/config.yaml",
            ])
        let (other, _) = try resolve(["--user", "--socket", "s"], ["XDG_STATE_HOME": "/state", "HOME": "/h"])
        #expect(other.stateDirectory == "/state/agent-supervisor")
        #expect(other.socket == "/elsewhere/s")
        #expect(other.hiddenSockets == ["/elsewhere/s"])
    }

    @Test("in system mode the environment decides nothing")
    func system() throws {
        let (settings, configuration) = try resolve([], ["HOME": "/root", "XDG_STATE_HOME": "/x", "PATH": "/evil"])
        #expect(settings.mode == .system)
        #expect(settings.stateDirectory == "/var/lib/agent-supervisor")
        #expect(settings.socket == "/run/agent-supervisor/control.sock")
        #expect(configuration.planner.searchPath == ["/usr/local/bin", "/usr/bin", "/bin"])
    }

    @Test("what cannot be known is asked for, by the name of the flag")
    func missing() {
        let error = #expect(throws: UsageProblem.self) { try resolve(["--user"], ["HOME": "/h"]) }
        #expect(error?.description.contains("--socket") == true)
    }

    @Test("the configuration file is read strictly, and every mistake in it is named with its line")
    func file() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/config.yaml"
            func write(_ text: String) throws {
                let file = try Files.open(path, O_WRONLY | O_CREAT | O_TRUNC)
                try Files.write(Array(text.utf8), to: file.number)
            }
            try write(
                """
                profiles: [/etc/p]
                programs: {codex: /opt/codex}
                default_profile: base
                output: {ring: 8M}
                """)
            let configuration = try ConfigurationFile(file: path)
            #expect(configuration.profiles == ["/etc/p"])
            #expect(configuration.programs == ["codex": "/opt/codex"])
            #expect(configuration.defaultProfile == ProfileName("base"))
            #expect(configuration.ring == 8 << 20)
            try write("profiles: [relative]\noutput: {rings: 8M}\nprograms: {x: y}\n")
            let error = #expect(throws: ProfileProblems.self) { try ConfigurationFile(file: path) }
            #expect(error?.problems.map(\.line) == [1, 2, 3])
        }
    }
}
