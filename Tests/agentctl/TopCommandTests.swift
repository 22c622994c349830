// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import ScriptedDaemon
import Synchronization
import Testing

@testable import agentctl

private struct Row: Decodable {
    var name: String
    var state: String
    var cpuPercent: Double?
    var memoryBytes: Int64?
    var pids: Int64?
    var outputBytesPerSecond: Double?
    var lastLine: String?
}

private func top(_ path: String, _ words: String...) async throws -> RunningAgentCtl.End {
    try await RunningAgentCtl(["top", "--socket", path, "--interval", "200ms"] + words).end()
}

@Suite("top", .timeLimit(.minutes(20)))
struct TopCommandTests {
    @Test("where there is no terminal it is one table after one interval, without escape sequences")
    func plain() async throws {
        let fleet = try Fleet(3)
        fleet.state.withLock { state in
            state.lastLine = "\u{1B}]0;title\u{7}\u{1B}[31mdone\u{1B}[0m\r\n"
            state.agents[1].state = .exited
        }
        let daemon = try await fleet.start()
        let end = try await top(daemon.path, "--sort", "name")
        #expect(end.status == 0, "\(end.error)")
        let lines = end.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("NAME        STATE"))
        #expect(lines[1].contains("agent-1000  running") && lines[1].contains("100M") && lines[1].hasSuffix("  done"))
        #expect(lines[2].contains("agent-1001  exited         -      -      -"))
        #expect(!end.output.contains("\u{1B}"))
        #expect(fleet.state.withLock { $0.asked.count } == 2, "one that has ended is not asked what it uses")
        #expect(try await top(daemon.path, "-n", "2").output.split(separator: "\n\n").count == 2)
        try await daemon.stop()
    }

    @Test("last lines are asked for where they are shown, and colours are had for the asking")
    func columns() async throws {
        let fleet = try Fleet(2)
        let daemon = try await fleet.start()
        let end = try await top(daemon.path, "--columns", "name,state", "--sort", "name", "--color", "always")
        #expect(
            end.output == """
                \u{1B}[1mNAME        STATE\u{1B}[0m
                agent-1000  \u{1B}[32mrunning\u{1B}[0m
                agent-1001  \u{1B}[32mrunning\u{1B}[0m

                """)
        #expect(fleet.state.withLock { $0.read.isEmpty })
        #expect(try await top(daemon.path, "--columns", "line").output == "LAST LINE\nline\nline\n")
        #expect(fleet.state.withLock { $0.read.count } == 2)
        try await daemon.stop()
    }

    @Test("programs get the figures, and rates are real")
    func json() async throws {
        let fleet = try Fleet(2)
        let daemon = try await fleet.start()
        let end = try await top(daemon.path, "--format", "json", "--interval", "1s")
        let rows = try JSONDecoder().decode([Row].self, from: Data(end.output.utf8))
        #expect(rows.map(\.name).sorted() == ["agent-1000", "agent-1001"])
        for row in rows {
            // Half a processor, on a machine that may be slow to answer.
            #expect((5...500).contains(row.cpuPercent ?? 0), "\(row)")
            #expect((1...1000).contains(row.outputBytesPerSecond ?? 0), "\(row)")
            #expect((row.memoryBytes, row.pids, row.lastLine) == (100 << 20, 3, "line"))
        }
        let lines = try await top(daemon.path, "--format", "jsonl", "-n", "2").output.split(separator: "\n")
        #expect(lines.count == 4)
        for line in lines { _ = try JSONDecoder().decode(Row.self, from: Data(line.utf8)) }
        try await daemon.stop()
    }

    @Test("of hundreds of agents no more than 32 are asked at once, and those that go meanwhile do no harm")
    func many() async throws {
        // What a line of the protocol has room for.
        let fleet = try Fleet(400)
        fleet.state.withLock { state in
            for index in stride(from: 0, to: 400, by: 10) {
                let id = state.agents[index].id.text
                state.errors[id] =
                    index % 20 == 0
                    ? .unsupportedHere(feature: "agent/usage", "too old")
                    : .agentNotFound(AgentReference(state.agents[index].id))
            }
        }
        let daemon = try await fleet.start()
        let end = try await top(daemon.path, "--sort", "name", "--format", "json")
        #expect(end.status == 0, "\(end.error)")
        let rows = try JSONDecoder().decode([Row].self, from: Data(end.output.utf8))
        #expect(rows.count == 400)
        #expect(rows.map(\.name) == rows.map(\.name).sorted())
        #expect(rows.count { $0.cpuPercent == nil } == 40)
        let most = fleet.state.withLock { $0.mostWaiting }
        #expect((2...32).contains(most), "\(most)")
        try await daemon.stop()
    }

    @Test("wrong options are refused")
    func options() async throws {
        for words in [
            ["--sort", "size"], ["--interval", "x"], ["--interval", "1ms"], ["-n", "0"], ["--once", "-n", "1"],
            ["--columns", "x"], ["--columns", "name", "--format", "json"],
        ] {
            let end = try await RunningAgentCtl(["top", "--socket", "/nonexistent"] + words).end()
            #expect(end.status == 2, "\(words)")
        }
        #expect(try await RunningAgentCtl(["top", "--socket", "/nonexistent"]).end().status == 5)
    }

    @Test("a daemon that goes and comes back is waited for")
    func daemonRestarts() async throws {
        let fleet = try Fleet(1)
        let daemon = try await fleet.start()
        let link = FileManager.default.temporaryDirectory.appending(path: "link-\(UUID().uuidString.prefix(8))").path()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: daemon.path)
        let run = try RunningAgentCtl(["top", "--socket", link, "--interval", "200ms", "-n", "20", "--format", "jsonl"])
        #expect(try await eventually { run.output.split(separator: "\n").count >= 2 })
        try await daemon.stop()
        try FileManager.default.removeItem(atPath: link)
        let next = try await fleet.start()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: next.path)
        let end = try await run.end()
        #expect(end.status == 0)
        #expect(end.output.split(separator: "\n").count == 20)
        #expect(end.error.contains("waiting for the daemon"))
        try FileManager.default.removeItem(atPath: link)
        try await next.stop()
    }
}

@Suite("top on a terminal", .timeLimit(.minutes(20)))
struct TopTerminalTests {
    /// Runs it on a terminal and waits until its table is there.
    private func run(_ path: String, _ words: String..., rows: UInt16 = 10) async throws -> (RunningAgentCtl, String) {
        let run = try RunningAgentCtl(
            ["top", "--socket", path, "--interval", "200ms"] + words, onTerminal: true, columns: 100, rows: rows)
        var shown = ""
        #expect(
            try await eventually {
                shown += run.readTerminal()
                return shown.contains("line") && shown.contains("50") && !run.isCooked
            }, "\(shown)")
        return (run, shown)
    }

    @Test("it has a screen of its own, keys sort and scroll, and q gives the terminal back")
    func keys() async throws {
        let fleet = try Fleet(30)
        let daemon = try await fleet.start()
        let (run, first) = try await run(daemon.path)
        #expect(first.hasPrefix("\u{1B}[?1049h\u{1B}[?25l"))
        #expect(first.contains("30 agents, 30 running"))
        #expect(fleet.state.withLock { $0.read.count } < 30, "only what is in sight is read")
        run.type("n")
        var shown = ""
        func see(_ text: String) async throws {
            shown = ""
            #expect(
                try await eventually {
                    shown += run.readTerminal()
                    return shown.contains(text)
                }, "\(text) in \(shown)")
        }
        try await see("by name")
        run.type("\u{1B}[B\u{1B}[B")
        try await see("3-9 of 30")
        run.resize(columns: 120, rows: 20)
        try await see("3-19 of 30")
        run.type("q")
        let end = try await run.end()
        #expect(end.status == 0)
        #expect(end.output.contains("\u{1B}[?1049l") && end.output.contains("\u{1B}[?25h"))
        #expect(run.isCooked)
        try await daemon.stop()
    }

    @Test("a signal, ctrl-c too, ends it as it ends any program, with the terminal given back")
    func signals() async throws {
        let fleet = try Fleet(1)
        let daemon = try await fleet.start()
        for number in [SIGTERM, SIGINT, SIGHUP] {
            let (run, _) = try await run(daemon.path)
            if number == SIGINT { run.type("\u{3}") } else { kill(run.pid, number) }
            let end = try await run.end()
            #expect(end.status == 128 + number)
            #expect(end.output.contains("\u{1B}[?1049l"))
            #expect(run.isCooked)
        }
        try await daemon.stop()
    }

    @Test("a suspension gives the terminal back for its time")
    func suspension() async throws {
        let fleet = try Fleet(1)
        let daemon = try await fleet.start()
        let (run, _) = try await run(daemon.path)
        kill(run.pid, SIGTSTP)
        var status: Int32 = 0
        #expect(try await eventually { waitpid(run.pid, &status, WNOHANG | WUNTRACED) == run.pid })
        #expect(run.isCooked)
        _ = run.readTerminal()
        kill(run.pid, SIGCONT)
        var shown = ""
        #expect(
            try await eventually {
                shown += run.readTerminal()
                return !run.isCooked && shown.contains("\u{1B}[?1049h") && shown.contains("agent-1000")
            })
        run.type("q")
        #expect(try await run.end().status == 0)
        try await daemon.stop()
    }

    @Test("it says that the daemon is gone, and goes on with the next one")
    func daemonRestarts() async throws {
        let fleet = try Fleet(1)
        let daemon = try await fleet.start()
        let link = FileManager.default.temporaryDirectory.appending(path: "link-\(UUID().uuidString.prefix(8))").path()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: daemon.path)
        let (run, _) = try await run(link)
        try await daemon.stop()
        var shown = ""
        #expect(
            try await eventually {
                shown += run.readTerminal()
                return shown.contains("waiting for the daemon")
            }, "\(shown)")
        try FileManager.default.removeItem(atPath: link)
        let next = try await fleet.start()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: next.path)
        shown = ""
        #expect(
            try await eventually {
                shown += run.readTerminal()
                return shown.contains("q quit")
            }, "\(shown)")
        run.type("q")
        #expect(try await run.end().status == 0)
        try FileManager.default.removeItem(atPath: link)
        try await next.stop()
    }

    @Test("it ends by itself after so many intervals, with no daemon at once, and --once needs no screen")
    func ends() async throws {
        let fleet = try Fleet(1)
        let daemon = try await fleet.start()
        let few = ["top", "--socket", daemon.path, "--interval", "200ms", "-n", "3"]
        let end = try await RunningAgentCtl(few, onTerminal: true).end()
        #expect(end.status == 0)
        #expect(end.output.contains("\u{1B}[?1049l"))
        let none = try await RunningAgentCtl(["top", "--socket", "/nonexistent"], onTerminal: true).end()
        #expect(none.status == 5)
        #expect(none.output.contains("no daemon listens"))
        // Whoever runs tests may have NO_COLOR set, as SwiftPM has when it writes into a file.
        let words = ["top", "--socket", daemon.path, "--once", "--color", "always"]
        let once = try await RunningAgentCtl(words, onTerminal: true).end()
        #expect(once.status == 0)
        #expect(once.output.contains("\u{1B}[1mNAME") && !once.output.contains("\u{1B}[?"), "colours, and no screen")
        try await daemon.stop()
    }
}
