// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient
import Testing

@testable import agentctl

@Suite("What people see")
struct OutputTests {
    @Test("columns are aligned, what is missing is a dash, and no cell can act on the terminal")
    func table() {
        var table = Table("NAME", "STATE", "WORKSPACE")
        table.add("a", "running", "/w")
        table.add("long-name", "exited\u{1B}[2J\u{9B}", nil)
        table.add("é", "", "\u{202E}evil\r\n")
        let expected = """
            NAME       STATE        WORKSPACE
            a          running      /w
            long-name  exited\u{FFFD}[2J\u{FFFD}  -
            é          -            \u{FFFD}evil\u{FFFD}\u{FFFD}

            """
        #expect(table.text == expected)
    }

    @Test("ages are in their largest unit")
    func ages() {
        let now = Timestamp(nanoseconds: 1_000_000 * 1_000_000_000)
        for (seconds, text) in [
            (0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86_400, "1d"), (-5, "0s"),
        ] {
            let time = Timestamp(nanoseconds: now.nanoseconds - Int64(seconds) * 1_000_000_000)
            #expect(time.age(at: now) == text)
        }
    }

    @Test("an ended agent's state tells how and when it ended")
    func states() throws {
        let now = Timestamp(nanoseconds: 600_000_000_000)
        var agent = try sampleAgent()
        agent.startedAt = Timestamp(nanoseconds: 540_000_000_000)
        #expect(agent.stateText(at: now) == "running 1m")
        agent.state = .exited
        agent.endedAt = Timestamp(nanoseconds: 570_000_000_000)
        for (exit, text) in [
            (AgentExit(code: 0, signal: nil, reason: .exited), "exited (0) 30s ago"),
            (AgentExit(code: nil, signal: .kill, reason: .killed), "exited (SIGKILL, killed) 30s ago"),
            (AgentExit(code: nil, signal: .kill, reason: .signaled), "exited (SIGKILL) 30s ago"),
            (AgentExit(code: nil, signal: nil, reason: .lost), "exited (lost) 30s ago"),
        ] {
            agent.exit = exit
            #expect(agent.stateText(at: now) == text)
        }
    }

    @Test("JSON leaves no control character unescaped")
    func json() {
        let text = "\"é\u{7F}\u{80}\u{9B}\u{A0}ÿ\""
        #expect(
            String(decoding: JSONOutput.harmless(Array(text.utf8)), as: UTF8.self)
                == "\"é\\u007f\\u0080\\u009b\u{A0}ÿ\"")
    }

    @Test("failures have the exit codes that are documented")
    func exitCodes() throws {
        let reference = try AgentReference("a")
        for (error, code) in [
            (ProtocolError.agentNotFound(reference), 3), (ProtocolError.permissionDenied("x"), 4),
            (ProtocolError.internalError("x"), 1), (ClientError(.noDaemon, "x"), 5),
            (ClientError(.notPermitted, "x"), 4),
            (ClientError(.connectionLost, "x"), 1), (ValueError("x"), 2),
        ] as [(any Error, Int32)] {
            #expect(Failure(error)?.exitCode == code, "\(error)")
        }
        #expect(Failure(ProtocolError.jailFailed(stage: "s", errno: nil, hint: "do this", "x"))?.hint == "do this")
    }
}

@Suite("The command line")
struct ArgumentTests {
    private func start(_ words: String...) throws -> Start {
        try #require(try AgentCtl.parseAsRoot(["start"] + words) as? Start)
    }

    @Test("start takes a launcher with a prompt and more arguments, or a command")
    func words() throws {
        var command = try start("codex", "do it", "--name", "x", "--", "--model", "m", "--")
        #expect((command.launcher, command.prompt) == ("codex", "do it"))
        #expect(command.words == ["--model", "m", "--"])
        command = try start("--tty", "--", "ls", "-l", "--name")
        #expect((command.launcher, command.prompt) == (nil, nil))
        #expect(command.words == ["ls", "-l", "--name"])
        #expect(command.tty == true)
        #expect(try start("codex", "-f").follow)
        #expect(throws: (any Error).self) { try start() }
        #expect(throws: (any Error).self) { try start("codex", "a", "b") }
    }

    @Test("variables are set, or taken from our own environment")
    func variables() throws {
        let own = ["HOME": "/h", "EMPTY": ""]
        #expect(
            try Start.variables(["A=b=c", "HOME", "EMPTY", "B="], own: own) == [
                "A": "b=c", "HOME": "/h", "EMPTY": "", "B": "",
            ])
        #expect(throws: Failure.self) { try Start.variables(["NOPE"], own: own) }
    }

    @Test("a place in the output is an offset, a time or so long ago")
    func positions() throws {
        let now = Timestamp(nanoseconds: 1_000_000_000_000)
        #expect(try Logs.position("4096", option: "--since", at: now) == .offset(4096))
        #expect(
            try Logs.position("1970-01-01T00:00:01Z", option: "--since", at: now)
                == .time(Timestamp(nanoseconds: 1_000_000_000)))
        #expect(try Logs.position("5m", option: "--since", at: now) == .time(Timestamp(nanoseconds: 700_000_000_000)))
        #expect(throws: Failure.self) { try Logs.position("yesterday", option: "--since", at: now) }
    }

    @Test("labels need a name and a value")
    func labels() throws {
        #expect(try Pairs.read(["a=b", "c="], option: "--label") == ["a": "b", "c": ""])
        #expect(throws: Failure.self) { try Pairs.read(["a"], option: "--label") }
        #expect(throws: Failure.self) { try Pairs.read(["=a"], option: "--label") }
    }
}
