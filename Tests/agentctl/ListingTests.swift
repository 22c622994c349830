// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import ScriptedDaemon
import Testing

@testable import agentctl

@Suite("Listing", .timeLimit(.minutes(20)))
struct ListingTests {
    @Test("columns are those that were asked for, in that order")
    func columns() async throws {
        let daemon = try await SampleDaemon().start()
        let end = try await RunningAgentCtl(["list", "--columns", "owner,NAME", "--socket", daemon.path]).end()
        #expect(end.output == "OWNER  NAME\nada    worker\n", "\(end)")
        try await daemon.stop()
    }

    @Test("--quiet prints ids and nothing else")
    func quiet() async throws {
        let daemon = try await SampleDaemon().start()
        let end = try await RunningAgentCtl(["list", "-q", "--socket", daemon.path]).end()
        #expect(end.output == "\(try sampleAgent().id)\n")
        try await daemon.stop()
    }

    @Test("what has ended is left out, unless --all or --state asks for it")
    func states() async throws {
        let daemon = try await SampleDaemon().start()
        for (words, states) in [
            ([], [.queued, .starting, .running, .paused, .stopping, .backoff]), (["--all"], nil),
            (["--state", "failed", "-s", "exited"], [.failed, .exited]),
        ] as [([String], [AgentState]?)] {
            _ = try await RunningAgentCtl(["list", "--socket", daemon.path] + words).end()
            #expect(try AgentList.params(from: daemon.requests.last?.params).states == states)
            #expect(try AgentList.params(from: daemon.requests.last?.params).all == nil)
        }
        _ = try await RunningAgentCtl(["list", "--socket", daemon.path, "-aA", "-l", "a=b"]).end()
        let params = try AgentList.params(from: daemon.requests.last?.params)
        #expect(params.all == true)
        #expect(params.labels == ["a": "b"])
        try await daemon.stop()
    }

    @Test("whoever sees nothing on a terminal is told of those that have ended")
    func nothing() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            let isForEnded = try AgentList.params(from: request.params).states?.contains(.exited) == true
            client.result(AgentList.Result(agents: isForEnded ? [try sampleAgent()] : []), to: request)
        }
        let seen = try await RunningAgentCtl(["list", "--socket", daemon.path], onTerminal: true).end()
        #expect(seen.output.contains("--all shows 1 ended one"))
        #expect(try await RunningAgentCtl(["list", "--socket", daemon.path]).end().error.isEmpty)
        try await daemon.stop()
    }

    @Test(
        "colours are for terminals, and for who asks for them",
        arguments: [
            (ColourOptions.When.auto, true, [:], true), (.auto, false, [:], false),
            (.auto, true, ["NO_COLOR": "1"], false), (.auto, true, ["NO_COLOR": ""], true),
            (.auto, true, ["TERM": "dumb"], false), (.always, false, ["NO_COLOR": "1"], true),
            (.never, true, [:], false),
        ])
    func colours(when: ColourOptions.When, isTerminal: Bool, environment: [String: String], isOn: Bool) {
        #expect(ColourOptions.isOn(when, isTerminal: isTerminal, environment: environment) == isOn)
    }

    @Test("a coloured table is the same table with colours")
    func painted() {
        var table = Table("NAME", "STATE")
        table.add([.init("\u{1B}[2Ja"), .init("running 3m", .good)])
        table.add([.init("語"), .init(nil, .bad)])
        let painted = table.text(in: Palette(isOn: true))
        #expect(painted.contains("\u{1B}[32mrunning 3m\u{1B}[0m"))
        var filter = EscapeScanner()
        var plain: [UInt8] = []
        filter.scan(Array(painted.utf8)) { token in
            switch token {
            case .text(let byte), .control(let byte): plain.append(byte)
            case .escape, .sequence, .string: break
            }
        }
        #expect(String(decoding: plain, as: UTF8.self) == table.text)
        #expect(table.text == "NAME   STATE\n\u{FFFD}[2Ja  running 3m\n語     -\n")
    }

    @Test("every listing has columns of different names, and some that are there unasked")
    func names() {
        func check<Kind: Listed>(_ kind: Kind.Type) {
            #expect(Set(Kind.columnNames).count == Kind.columnNames.count)
            #expect(Kind.columns.contains { $0.isUsual })
            #expect(Kind.columnNames.allSatisfy { $0 == $0.lowercased() && !$0.contains(",") })
        }
        check(AgentListing.self)
        check(UsageListing.self)
        check(DoctorListing.self)
        check(ChangeListing.self)
        check(EventListing.self)
    }

    @Test("usage is the protocol's object to programs, and a line for each agent to people")
    func usage() async throws {
        let usage = AgentUsage.Result(
            wallMilliseconds: 61_000, cpu: .init(userMicroseconds: 1_200_000, systemMicroseconds: 300_000),
            memory: .init(currentBytes: 3 << 20), refused: [.init(call: "bpf", process: "\u{1B}[2J", pid: 1, count: 2)])
        let daemon = try await ScriptedDaemon.start { $1.result(usage, to: $0) }
        let table = try await RunningAgentCtl(["usage", "a", "b", "--socket", daemon.path]).end()
        #expect(table.output.split(separator: "\n").count == 3)
        #expect(table.output.contains("a      1m    1.5s  3.0M"), "\(table)")
        #expect(table.output.contains("bpf by \u{FFFD}[2J (2)"))
        let json = try await RunningAgentCtl(["usage", "a", "--format", "json", "--socket", daemon.path]).end()
        #expect(try JSONDecoder().decode(AgentUsage.Result.self, from: Data(json.output.utf8)) == usage)
        try await daemon.stop()
    }

    @Test("version tells both ends', and ours without a daemon")
    func version() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            client.result(
                Initialize.Result(
                    protocolVersion: 1, server: .init(name: "supervisord", version: "9.9"),
                    peer: .init(uid: 0, gid: 0, user: "root", role: .operator), capabilities: .init()), to: request)
        }
        let both = try await RunningAgentCtl(["version", "--socket", daemon.path]).end()
        #expect(
            both.output == "Client:    agentctl \(AgentCtl.version)\nDaemon:    supervisord 9.9\nProtocol:  1\n")
        try await daemon.stop()
        let ours = try await RunningAgentCtl(["version", "--format", "jsonl", "--socket", "/nonexistent"]).end()
        #expect(ours.status == 5)
        #expect(
            ours.output
                == "{\"client\":{\"name\":\"agentctl\",\"version\":\"\(AgentCtl.version)\"},\"protocolVersion\":null,\"server\":null}\n"
        )
    }

    @Test("a signal is named as one likes", arguments: ["INT", "int", "SIGINT", "sigint", "2"])
    func signals(text: String) async throws {
        #expect(SignalArgument(argument: text)?.signal == .interrupt)
        let daemon = try await ScriptedDaemon.start { $1.result(Nothing(), to: $0) }
        let end = try await RunningAgentCtl(["signal", "worker", text, "--socket", daemon.path]).end()
        #expect(end.status == 0)
        #expect(try AgentSignal.params(from: daemon.requests.last?.params).signal == .interrupt)
        try await daemon.stop()
    }
}
