// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import ScriptedDaemon
import Synchronization
import Testing

@testable import agentctl

private let erase = "\r\u{1B}[K"

/// A daemon that answers a method when it is told to, and everything else with an agent.
private final class SlowDaemon: Sendable {
    let method: String
    private let waiting = Mutex<[(RequestEnvelope, ScriptedDaemon.Client)]>([])
    let agent: Agent

    init(_ method: String, _ agent: Agent) { (self.method, self.agent) = (method, agent) }

    func start() async throws -> ScriptedDaemon {
        try await ScriptedDaemon.start { [self] request, client in
            if request.method == method { return waiting.withLock { $0.append((request, client)) } }
            if request.method == SupervisorStatus.name {
                return client.result(
                    SupervisorStatus.Result(
                        server: .init(name: "s", version: "1"), mode: .user, pid: 1,
                        startedAt: Timestamp(nanoseconds: 0), socket: "/s", stateDirectory: "/d",
                        agents: ["running": 2, "queued": 1, "exited": 5], connections: 1, seq: 1), to: request)
            }
            client.result(agent, to: request)
        }
    }

    func answer(_ result: some Encodable & Sendable) {
        for (request, client) in waiting.withLock({ $0 }) { client.result(result, to: request) }
    }
}

@Suite("Progress", .timeLimit(.minutes(20)))
struct ProgressTests {
    /// Runs it on a terminal until a text is on it, then has the daemon answer, and returns all that was shown.
    private func shown(
        _ words: [String], until text: String, _ daemon: SlowDaemon, answer: some Encodable & Sendable
    ) async throws -> RunningAgentCtl.End {
        let scripted = try await daemon.start()
        let run = try RunningAgentCtl(
            ["--socket", scripted.path] + words, onTerminal: true)
        var shown = ""
        #expect(
            try await eventually {
                shown += run.readTerminal()
                return shown.contains(text)
            }, "\(shown)")
        daemon.answer(answer)
        var end = try await run.end()
        end.output = shown + end.output
        try await scripted.stop()
        return end
    }

    @Test("a start that takes long says so, and its line is gone before the name is there")
    func starting() async throws {
        let agent = try sampleAgent()
        let end = try await shown(
            ["start", "codex", "x"], until: "\(erase)starting codex, 1s", SlowDaemon(AgentStart.name, agent),
            answer: agent)
        #expect(end.status == 0)
        #expect(end.output.hasSuffix("\(erase)worker\r\n"), "\(end)")
    }

    @Test("a stop shows how much is left of the agent's own grace")
    func stopping() async throws {
        var agent = try sampleAgent()
        agent.grace = try WireDuration("1h")
        let end = try await shown(
            ["stop", "worker"], until: "stopping worker, 59m left", SlowDaemon(AgentStop.name, agent), answer: agent)
        #expect(end.output.hasSuffix(erase), "\(end)")
        let over = RunningGrace()
        #expect(over.left(after: .init(seconds: 3)) == nil)
        over.note(try WireDuration("5s"))
        over.note(try WireDuration("2s"))
        #expect(over.left(after: .init(seconds: 3)) == "2s left")
        #expect(over.left(after: .init(seconds: 5)) == "the time is over, ending all of it")
    }

    @Test("an export says how much of the output it has, doctor and profile check that they are at it")
    func reading() async throws {
        var agent = try sampleAgent()
        agent.output = OutputRange(start: 100, end: 300)
        let chunk = OutputChunk(offset: 150, stream: .tty, time: Timestamp(nanoseconds: 0), payload: .text("x"))
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).cast").path()
        defer { try? FileManager.default.removeItem(atPath: file) }
        let exported = try await shown(
            ["export", "worker", "--output", file], until: "exporting worker, 0%, ",
            SlowDaemon(AgentLogs.name, agent),
            answer: AgentLogs.Result(chunks: [chunk], next: 151, start: 100, end: 151, eof: false))
        #expect(exported.status == 0 && exported.output.hasSuffix(erase), "\(exported)")
        let examined = try await shown(
            ["doctor"], until: "examining the host, ", SlowDaemon(SupervisorDoctor.name, agent),
            answer: SupervisorDoctor.Result(checks: []))
        #expect(examined.status == 0 && examined.output.hasSuffix(erase), "\(examined)")
        let checked = try await shown(
            ["profile", "check", "codex"], until: "checking codex, ", SlowDaemon(ProfileCheck.name, agent),
            answer: ProfileCheck.Result(isSound: true, findings: []))
        #expect(checked.output.hasSuffix("\(erase)the profile is sound\r\n"), "\(checked)")
    }

    @Test("draining counts the agents that have not ended")
    func draining() async throws {
        let end = try await shown(
            ["drain"], until: "waiting for 3 agents to end", SlowDaemon(SupervisorDrain.name, try sampleAgent()),
            answer: SupervisorDrain.Result(draining: true, running: 0))
        #expect(end.output.hasSuffix("\(erase)no agent runs\r\n"), "\(end)")
    }

    @Test("ctrl-c takes the line away")
    func interrupted() async throws {
        let daemon = SlowDaemon(AgentWait.name, try sampleAgent())
        let scripted = try await daemon.start()
        let run = try RunningAgentCtl(["wait", "worker", "other", "--socket", scripted.path], onTerminal: true)
        var shown = ""
        #expect(
            try await eventually {
                shown += run.readTerminal()
                return shown.contains("waiting for worker and 1 more, ")
            })
        run.type("\u{3}")
        let end = try await run.end()
        #expect(end.status == 128 + SIGINT)
        #expect(end.output.hasSuffix(erase), "\(end)")
        try await scripted.stop()
    }

    @Test("without a terminal nothing of it is written")
    func piped() async throws {
        let agent = try sampleAgent()
        let daemon = SlowDaemon(AgentStop.name, agent)
        let scripted = try await daemon.start()
        let run = try RunningAgentCtl(["stop", "worker", "--socket", scripted.path])
        try await Task.sleep(for: Progress.patience * 2)
        daemon.answer(agent)
        #expect(try await run.end() == .init(status: 0))
        try await scripted.stop()
    }
}
