// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import ScriptedDaemon
import Testing

@testable import agentctl

/// A command line, what the daemon answers, and how agentctl ends then.
struct Ending: Sendable, CustomTestStringConvertible {
    var words: [String]
    var answer: @Sendable (RequestEnvelope, ScriptedDaemon.Client) throws -> Void
    var status: Int32
    /// What stands on the standard error.
    var says: String

    var testDescription: String { "\(words.joined(separator: " ")): \(status)" }

    static func error(_ words: String, _ error: ProtocolError, _ status: Int32, _ says: String) -> Ending {
        Ending(
            words: words.split(separator: " ").map(String.init), answer: { $1.error(error, to: $0) }, status: status,
            says: says)
    }

    /// The agent that the daemon answers with has ended so.
    static func exit(_ words: String, _ exit: AgentExit?, _ status: Int32) -> Ending {
        Ending(
            words: words.split(separator: " ").map(String.init),
            answer: { request, client in
                var agent = try sampleAgent()
                agent.state = .exited
                agent.exit = exit
                client.result(agent, to: request)
            }, status: status, says: "")
    }
}

@Suite("Exit status", .timeLimit(.minutes(20)))
struct ExitStatusTests {
    static let endings: [Ending] = [
        .error("stop worker", .internalError("it broke"), 1, "agentctl: it broke\n"),
        .error("stop worker", .invalidState(.exited, "worker has ended"), 1, "worker has ended"),
        .error("start -- x", ProtocolError(.nameTaken, "another agent is called x"), 1, "--name"),
        .error("start -- x", .limitReached("agents", "as many as may run"), 1, "agentctl list"),
        .error("start -- x", .profileInvalid(file: "/p", line: 3, reason: "no"), 1, "/p:3: no"),
        .error("start -- x", .jailFailed(stage: "mount", errno: nil, hint: nil, "no jail"), 1, "agentctl doctor"),
        .error("pause worker", .methodNotFound("agent/pause"), 1, "agentctl version"),
        .error("start nolauncher", .invalidParams(path: "launcher", reason: "is unknown"), 2, "is unknown"),
        .error("status 01JDAA", ProtocolError(.agentAmbiguous, "it fits 2 agents"), 2, "more of the id"),
        .error(
            "kill foo", ProtocolError(.agentNotFound, "no agent is called \"foo\""), 3, "no agent is called \"foo\""),
        .error("drain", .permissionDenied("only an administrator may"), 4, "agentctl info"),
        .error("wait worker --timeout 1s", .timedOut("it did not end"), 124, "the agent goes on"),
        .exit("wait worker", AgentExit(code: 0, signal: nil, reason: .exited), 0),
        .exit("wait worker", AgentExit(code: 3, signal: nil, reason: .exited), 3),
        .exit("wait worker", AgentExit(code: 255, signal: nil, reason: .exited), 255),
        .exit("wait worker", AgentExit(code: nil, signal: .terminate, reason: .stopped), 143),
        .exit("wait worker", AgentExit(code: nil, signal: nil, reason: .lost), 125),
        .exit("wait worker", nil, 125),
        .exit("wait worker other", AgentExit(code: 7, signal: nil, reason: .exited), 7),
        .exit("stop worker", AgentExit(code: 7, signal: nil, reason: .stopped), 0),
    ]

    @Test("what a daemon answers decides it", arguments: endings)
    func answers(ending: Ending) async throws {
        let daemon = try await ScriptedDaemon.start(ending.answer)
        let end = try await RunningAgentCtl(
            ending.words.prefix(1) + ["--socket", daemon.path] + ending.words.dropFirst()
        )
        .end()
        #expect(end.status == ending.status, "\(end)")
        #expect(ending.says.isEmpty ? end.error.isEmpty : end.error.contains(ending.says), "\(end)")
        #expect(end.output.isEmpty)
        try await daemon.stop()
    }

    @Test(
        "so does what was typed",
        arguments: [
            ("", 0, ""), ("--version", 0, ""), ("help start", 0, ""), ("lsit", 2, "did you mean \"list\"?"),
            ("zzz", 2, "agentctl --help"), ("stop", 2, "<agent>"), ("stop a/b", 2, "invalid"),
            ("start", 2, "name a launcher"), ("start -- x --wall 3x", 5, "no daemon"),
            ("start --wall 3x -- x", 2, "3x"), ("list --state foo", 2, "queued, starting"),
            ("list --label x", 2, "NAME=VALUE"), ("list --columns name,foo", 2, "there are name, state"),
            ("list --format xml", 2, "table"), ("signal a NOSUCH", 2, "NOSUCH"), ("send a --key nokey", 2, "nokey"),
            ("attach a --detach-keys ctrl-[", 2, "ctrl-["), ("logs a --since yesterday", 2, "yesterday"),
            ("drain --off --no-wait", 2, "exclude"), ("list --nosuch", 2, "--nosuch"), ("list", 5, "no daemon"),
            ("wait a", 5, "no daemon"), ("version", 5, "no daemon"),
        ])
    func words(line: String, status: Int32, says: String) async throws {
        var words = line.split(separator: " ").map(String.init)
        let talks = ["start", "stop", "list", "signal", "send", "attach", "logs", "drain", "wait", "version"]
        if let command = words.first, talks.contains(command) {
            words.insert(contentsOf: ["--socket", "/nonexistent/s"], at: 1)
        }
        let end = try await RunningAgentCtl(words).end()
        #expect(end.status == status, "\(end)")
        #expect(says.isEmpty ? end.error.isEmpty : end.error.contains(says), "\(end)")
        #expect(end.error.isEmpty || end.error.hasPrefix("agentctl: "), "\(end)")
        #expect(!end.error.contains("\u{1B}"))
    }

    @Test("the help and the documentation name every one of them")
    func help() async throws {
        let help = try await RunningAgentCtl(["--help"]).end().output
        let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL
        let page = try String(contentsOf: root.appending(path: "docs/agentctl.md"), encoding: .utf8)
        for status in ExitStatus.allCases {
            #expect(help.contains("\(status.rawValue)  \(status.meaning.prefix(20))"), "\(status)")
            let meaning = status.meaning.replacing("\"", with: "`")
            #expect(page.contains("| \(status.rawValue) | \(meaning)"), "\(status)")
        }
    }
}
