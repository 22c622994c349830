// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Glibc
import Testing

/// The built program, by scripts that talk to it as the daemon does (Tests/Support/terminal).
@Suite struct AgentScreenTests {
    private static let programs =
        ProcessInfo.processInfo.environment["AGENT_SUPERVISOR_BIN"]
        ?? CommandLine.arguments[0].split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    private static let scripts =
        #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Support/terminal"
    private static let hasTmux = (try? run("command -v tmux").status) == 0

    /// A shell command's exit status and what it wrote. Only words of our own are in it.
    private static func run(_ command: String) throws -> (status: Int32, output: String) {
        let stream = try #require(popen("exec 2>&1; " + command, "r"))
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { output += buffer[..<count] }
        let status = pclose(stream)
        return (status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F), String(decoding: output, as: UTF8.self))
    }

    private func script(_ name: String, _ arguments: String = "") throws {
        let ended = try AgentScreenTests.run(
            "python3 '\(AgentScreenTests.scripts)/\(name)' '\(AgentScreenTests.programs)/agent-screen' \(arguments)")
        #expect(ended.status == 0, "\(ended.output)")
        print(ended.output)
    }

    @Test(
        "who comes to a real program's terminal at any moment sees what one sees who was there from the start",
        .enabled(if: hasTmux, "tmux is missing"), .timeLimit(.minutes(10)))
    func golden() throws { try script("golden") }

    @Test("it has no capability, no file, no port and hardly a system call", .timeLimit(.minutes(5)))
    func confinement() throws { try script("confinement") }

    @Test("no stream ends it, hangs it or fills its memory", .timeLimit(.minutes(15)))
    func hostile() throws { try script("hostile") }

    @Test("what is no conversation ends it with 2 and a sentence")
    func misuse() throws {
        for (bytes, words) in [
            ("\\004\\0\\0\\0\\0", "the first frame is no start"), ("\\011\\0\\0\\0\\0", "of kind 9"),
            ("\\001\\004\\0\\0\\0\\0\\0\\0\\0", "0 columns and 0 rows"), ("\\002\\377\\377\\377\\377", "longer than"),
            ("\\001\\004\\0\\0", "ended within a frame"),
        ] {
            let ended = try AgentScreenTests.run("printf '\(bytes)' | '\(AgentScreenTests.programs)/agent-screen'")
            #expect(ended.status == 2 && ended.output.contains(words), "\(bytes): \(ended)")
        }
    }

    @Test("it has nothing of libseccomp, libcap or Foundation")
    func symbols() throws {
        let symbols = try AgentScreenTests.run("nm --defined-only '\(AgentScreenTests.programs)/agent-screen'").output
        #expect(symbols.contains("TerminalScreen") && symbols.contains("vterm_"), "nm shows no symbols")
        for part in ["seccomp_init", "cap_set_proc", "20FoundationEssentials", "10Foundation4"] {
            #expect(!symbols.contains(part), "\(part)")
        }
    }
}
