// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import ScriptedDaemon
import Testing

@testable import agentctl

private func run(_ daemon: ScriptedDaemon, _ words: String..., input: String = "") async throws -> RunningAgentCtl.End {
    try await RunningAgentCtl([words[0], "--socket", daemon.path] + words.dropFirst(), input: input).end()
}

@Suite("Commands", .timeLimit(.minutes(20)))
struct CommandTests {
    @Test("exit codes are those of the help")
    func exitCodes() async throws {
        let daemon = try await SampleDaemon().start()
        #expect(try await RunningAgentCtl(["--help"]).end().status == 0)
        #expect(try await RunningAgentCtl(["nonsense"]).end().status == 2)
        #expect(try await RunningAgentCtl(["list", "--socket", "/nonexistent"]).end().status == 5)
        let missing = try await run(daemon, "status", "foo")
        #expect(missing.status == 3)
        #expect(
            missing.error
                == "agentctl: no agent is called \"foo\"\nhint: \"agentctl list\" shows the one that there is\n")
        #expect(try await run(daemon, "info").status == 1)
        #expect(try await run(daemon, "send", "worker", "--key", "nokey").status == 2)
        #expect(try await run(daemon, "status", "worker", "foo").status == 3)
        try await daemon.stop()
    }

    @Test("the daemon can be named before the command, after it and in both places, where the last counts")
    func connectionOptions() async throws {
        let daemon = try await SampleDaemon().start()
        let (here, elsewhere) = (["--socket", daemon.path], ["--socket", "/nonexistent"])
        for words in [
            here + ["list"], ["--socket=\(daemon.path)", "list"], elsewhere + ["list"] + here,
            here + ["status", "worker"], here + ["start", "--name", "list", "--", "nonsense", "--socket", "/x"],
        ] {
            let end = try await RunningAgentCtl(words).end()
            #expect(end.status == 0, "\(words): \(end.error)")
            #expect(end.output.contains("worker"))
        }
        #expect(try AgentStart.params(from: daemon.requests.last?.params).command == ["nonsense", "--socket", "/x"])
        #expect(try await RunningAgentCtl(here + ["list"] + elsewhere).end().status == 5)
        #expect(try await RunningAgentCtl(elsewhere + ["profile", "list"]).end().status == 5)
        let mistyped = try await RunningAgentCtl(["--socket", "list", "lst"]).end()
        #expect(mistyped.status == 2)
        #expect(mistyped.error.hasPrefix("agentctl: there is no command \"lst\"\nhint: did you mean \"list\""))
        #expect(try await RunningAgentCtl(["--host", "ssh://x", "list", "--socket", "/y"]).end().status == 2)
        try await daemon.stop()
    }

    @Test("list and status show a table to people and the wire's objects to programs, without escape sequences")
    func list() async throws {
        let agent = try sampleAgent()
        let daemon = try await SampleDaemon().start()
        let table = try await run(daemon, "ps")
        #expect(table.output.hasPrefix("NAME    STATE"))
        #expect(table.output.contains("worker"))
        #expect(!table.output.contains("\u{1B}"))
        let json = try await run(daemon, "list", "--format", "json")
        #expect(try JSONDecoder().decode([Agent].self, from: Data(json.output.utf8)) == [agent])
        let line = try await run(daemon, "status", "worker", "--format", "jsonl")
        #expect(line.output == String(decoding: try WireEncoding.json(agent), as: UTF8.self) + "\n")
        try await daemon.stop()
    }

    @Test("start makes paths absolute and free of links, and passes on what it was told")
    func start() async throws {
        let daemon = try await SampleDaemon().start()
        let directory = FileManager.default.temporaryDirectory.appending(path: "start-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory.appending(path: "real"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: directory.appending(path: "link"), withDestinationURL: directory.appending(path: "real"))
        let real = try #require(realpath(directory.appending(path: "real").path(), nil))
        defer { free(real) }
        let end = try await run(
            daemon, "start", "codex", "fix it", "--workspace", directory.appending(path: "link").path(), "--profile",
            directory.appending(path: "link").path() + "/.", "--env", "A=b", "--label", "x=y", "--no-tty", "--",
            "--model", "m")
        #expect(end.output == "worker\n")
        #expect(end.status == 0, "\(end.error)")
        let params = try AgentStart.params(from: try #require(daemon.requests.last).params)
        #expect(params.launcher == "codex")
        #expect(params.prompt == "fix it")
        #expect(params.arguments == ["--model", "m"])
        #expect(params.workspace == String(cString: real))
        #expect(params.profile == String(cString: real))
        #expect(params.env == ["A": "b"])
        #expect(params.labels == ["x": "y"])
        #expect(params.tty == false)
        #expect(params.requestKey != nil)
        _ = try await run(daemon, "start", "--", "ls", "-l")
        let command = try AgentStart.params(from: try #require(daemon.requests.last).params)
        #expect(command.command == ["ls", "-l"])
        #expect(command.launcher == nil)
        #expect(command.workspace == FileManager.default.currentDirectoryPath)
        #expect(try await run(daemon, "start", "codex", "--workspace", "/nonexistent").status == 1)
        try FileManager.default.removeItem(at: directory)
        try await daemon.stop()
    }

    @Test("start --follow shows the output as it comes and ends as the agent does")
    func follow() async throws {
        let agent = try SampleDaemon(output: "one\n")
        let daemon = try await agent.start()
        let run = try RunningAgentCtl(["start", "-f", "--socket", daemon.path, "--", "x"])
        #expect(try await eventually { run.output == "one\n" })
        try agent.write("two\n\u{1B}[2J")
        #expect(try await eventually { run.output == "one\ntwo\n\u{1B}[2J" }, "a file gets every byte")
        try agent.end(AgentExit(code: nil, signal: .kill, reason: .killed))
        #expect(try await run.end().status == 137)
        try await daemon.stop()
    }

    @Test("logs shows everything, page after page, or the last lines, or goes on following")
    func logs() async throws {
        let text = (1...20).map { "line \($0)\n" }.joined()
        let agent = try SampleDaemon(output: text)
        let daemon = try await agent.start()
        #expect(try await run(daemon, "logs", "worker").output == text)
        #expect(try await run(daemon, "logs", "worker", "-n", "2").output == "line 19\nline 20\n")
        #expect(try await run(daemon, "logs", "worker", "--since", "140").output == String(text.dropFirst(140)))
        let tail = try RunningAgentCtl(["tail", "worker", "-n", "1", "--socket", daemon.path])
        #expect(try await eventually { tail.output == "line 20\n" && agent.isAttached })
        try agent.write("line 21\n")
        try agent.end(AgentExit(code: 3, signal: nil, reason: .exited))
        let end = try await tail.end()
        #expect(end.output == "line 20\nline 21\n")
        #expect(end.status == 0)
        let lines = try await run(daemon, "logs", "worker", "-n", "1", "--format", "jsonl").output
        #expect(lines.hasPrefix(#"{"dataBase64":"#))
        try await daemon.stop()
    }

    @Test("logs --plain has text only, --timestamps says when, --until and --tail-bytes say which")
    func plainLogs() async throws {
        let daemon = try await SampleDaemon(output: "\u{1B}[1mfirst\u{1B}[0m\r\n10%\r100%\r\nlast \u{1B}]0;t\u{7}é")
            .start()
        #expect(try await run(daemon, "logs", "worker", "--plain").output == "first\n100%\nlast é")
        let time = Timestamp(nanoseconds: 0)
        let timed = try await run(daemon, "logs", "worker", "--plain", "--timestamps").output
        #expect(timed == "\(time) first\n\(time) 100%\n\(time) last é")
        let raw = try await run(daemon, "logs", "worker", "--timestamps", "--until", "16").output
        #expect(raw == "\(time) \u{1B}[1mfirst\u{1B}[0m\r\n\(time) 1")
        #expect(try await run(daemon, "logs", "worker", "--tail-bytes", "3").output == "\u{7}é")
        for words in [
            ["--plain", "--raw"], ["--plain", "--format", "jsonl"], ["--until", "1", "-f"],
            ["--until", "1", "-n", "1"], ["--since", "1", "--tail-bytes", "1"], ["--tail-bytes", "x"],
            ["--until", "x"],
        ] {
            let end = try await RunningAgentCtl(["logs", "worker", "--socket", daemon.path] + words).end()
            #expect(end.status == 2, "\(words): \(end)")
        }
        try await daemon.stop()
    }

    @Test("send types text and Enter apart, presses keys, passes on its input byte for byte and ends the agent's")
    func send() async throws {
        let agent = try SampleDaemon()
        let daemon = try await agent.start()
        func inputs(_ words: String..., input: String = "") async throws -> [String] {
            let before = daemon.requests.count
            let end = try await RunningAgentCtl(["send", "worker"] + words + ["--socket", daemon.path], input: input)
                .end()
            #expect(end.status == 0, "\(end.error)")
            return try daemon.requests.dropFirst(before).map {
                let params = try AgentInput.params(from: $0.params)
                return params.eof == true ? "EOF" : String(decoding: params.bytes, as: UTF8.self)
            }
        }
        #expect(try await inputs("fix the tests") == ["fix the tests", "\r"])
        #expect(try await inputs("y", "--no-enter") == ["y"])
        #expect(try await inputs("--key", "ctrl-c", "--key", "up") == ["\u{3}\u{1B}[A"])
        #expect(try await inputs("x", "--key", "tab", "--enter") == ["x", "\t\r"])
        #expect(try await inputs("-", "--eof", input: "a\nb\0") == ["a\nb\0", "EOF"])
        #expect(try await inputs("--eof") == ["EOF"])
        try await daemon.stop()
    }

    @Test("wait ends with the agent's code")
    func wait() async throws {
        let agent = try SampleDaemon()
        let daemon = try await agent.start()
        let run = try RunningAgentCtl(["wait", "worker", "--timeout", "1h", "--socket", daemon.path])
        let request = try #require(try await daemon.request("agent/wait"))
        #expect(try AgentWait.params(from: request.params).timeout ?? WireDuration("2h") <= WireDuration("1h"))
        try agent.end(AgentExit(code: 42, signal: nil, reason: .exited))
        #expect(try await run.end().status == 42)
        try await daemon.stop()
    }

    @Test("a following whose daemon goes away goes on where it stopped once the daemon is back")
    func daemonRestarts() async throws {
        let agent = try SampleDaemon(output: "before\n")
        let daemon = try await agent.start()
        let link = FileManager.default.temporaryDirectory.appending(path: "link-\(UUID().uuidString.prefix(8))").path()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: daemon.path)
        let run = try RunningAgentCtl(["logs", "-f", "worker", "--socket", link])
        #expect(try await eventually { run.output == "before\n" && agent.isAttached })
        try await daemon.stop()
        try FileManager.default.removeItem(atPath: link)
        try agent.write("meanwhile\n")
        let next = try await agent.start()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: next.path)
        #expect(try await eventually { run.output == "before\nmeanwhile\n" })
        try agent.end(AgentExit(code: 0, signal: nil, reason: .exited))
        let end = try await run.end()
        #expect(end.status == 0)
        #expect(end.output == "before\nmeanwhile\n")
        #expect(end.error.contains("waiting for the daemon"))
        try FileManager.default.removeItem(atPath: link)
        try await next.stop()
    }

    @Test("events go on after a daemon's restart with the event that follows the last one shown")
    func events() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            let params = try EventsSubscribe.params(from: request.params)
            let last = params.since ?? 4
            client.result(EventsSubscribe.Result(subscription: SampleDaemon.subscription, seq: last), to: request)
            let event = Event(
                seq: last + 1, time: Timestamp(nanoseconds: 0), type: EventType(rawValue: "later.\u{1B}thing"),
                agent: nil,
                data: ["reason": "x"])
            try client.notify(EventNotification(subscription: SampleDaemon.subscription, event: event))
            if last < 5 { client.close() }
        }
        let run = try RunningAgentCtl(["events", "--socket", daemon.path])
        let line = "1970-01-01T00:00:00.000Z  later.\u{FFFD}thing  {\"reason\":\"x\"}\n"
        #expect(try await eventually { run.output == "5  \(line)6  \(line)" }, "\(run.output)")
        kill(run.pid, SIGINT)
        #expect(try await run.end().status == 128 + SIGINT)
        #expect(try EventsSubscribe.params(from: daemon.requests.last?.params).since == 5)
        try await daemon.stop()
    }

    @Test("several agents are acted upon each, and every failure is told")
    func several() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            switch try AgentRemove.params(from: request.params).agent.text {
            case "ended": client.result(Nothing(), to: request)
            case "busy": client.error(.invalidState(.running, "busy still runs"), to: request)
            default: client.error(.agentNotFound(try AgentReference("none")), to: request)
            }
        }
        let end = try await run(daemon, "rm", "busy", "ended", "none")
        #expect(end.status == 1, "the first failure decides")
        #expect(end.error.contains("busy still runs\nhint: stop it first"))
        #expect(end.error.contains("no agent is called \"none\""))
        #expect(daemon.requests.count(where: { $0.method == AgentRemove.name }) == 3)
        try await daemon.stop()
    }

    @Test("a reader that goes away ends it quietly, as SIGPIPE does")
    func brokenPipe() async throws {
        let agent = try SampleDaemon(output: String(repeating: "x\n", count: 100_000))
        let daemon = try await agent.start()
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        // The shell would do the same: the write end only.
        let run = try RunningAgentCtl(["logs", "worker", "--socket", daemon.path], outputDescriptor: ends[1])
        close(ends[1])
        let end = try await run.end()
        #expect(end.status == 128 + SIGPIPE)
        #expect(end.error.isEmpty)
        try await daemon.stop()
    }
}
