// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Glibc
import ScriptedDaemon
import Testing

@testable import agentctl

/// Attaches on a terminal of its own and waits until what the agent wrote is on the screen.
private func attach(_ agent: SampleDaemon, to path: String) async throws -> RunningAgentCtl {
    let run = try RunningAgentCtl(["attach", "worker", "--socket", path], onTerminal: true, columns: 100, rows: 30)
    var shown = ""
    #expect(
        try await eventually {
            shown += run.readTerminal()
            return agent.isAttached && !run.isCooked && shown.contains("ready")
        }, "\(shown)")
    return run
}

@Suite("attach", .timeLimit(.minutes(20)))
struct AttachTests {
    @Test("what is typed goes to the agent, the size too, and ctrl-] twice gives the terminal back")
    func detaching() async throws {
        let agent = try SampleDaemon(output: "ready> ")
        let daemon = try await agent.start()
        let run = try await attach(agent, to: daemon.path)
        #expect(agent.sizes == [TerminalSize(columns: 100, rows: 30)])
        #expect(agent.isWritten)
        run.type("echo hi\r\u{3}\u{1A}")
        #expect(try await eventually { agent.input == Array("echo hi\r\u{3}\u{1A}".utf8) })
        run.type("\u{1D}")
        #expect(try await eventually { agent.input.last == 0x1D }, "one press is not lost")
        run.resize(columns: 120, rows: 40)
        #expect(try await eventually { agent.sizes.last == TerminalSize(columns: 120, rows: 40) })
        // At once: how long may lie between two presses is for the recogniser's tests, which have a clock of their own.
        run.type("\u{1D}\u{1D}")
        let end = try await run.end()
        #expect(end.status == 0)
        #expect(end.output.contains("[detached from worker, which goes on; \"agentctl attach worker\" comes back]"))
        #expect(end.output.contains("\u{1B}[?25h"))
        #expect(run.isCooked)
        #expect(agent.input.count(where: { $0 == 0x1D }) == 1)
        try await daemon.stop()
    }

    @Test("an agent that dies with its screen on leaves a terminal fit for a shell, and its exit code")
    func agentDies() async throws {
        let agent = try SampleDaemon(output: "ready\u{1B}[?1049h\u{1B}[?1000h\u{1B}[?2004h\u{1B}[>1u")
        let daemon = try await agent.start()
        let run = try await attach(agent, to: daemon.path)
        try agent.end(AgentExit(code: 7, signal: nil, reason: .exited))
        let end = try await run.end()
        #expect(end.status == 7)
        for reset in ["\u{1B}[?1049l", "\u{1B}[?1000l", "\u{1B}[?2004l", "\u{1B}[<1u", "\u{1B}[0m"] {
            #expect(end.output.contains(reset))
        }
        #expect(run.isCooked)
        try await daemon.stop()
    }

    @Test(
        "a signal ends it as it ends any program, with the terminal given back",
        arguments: [SIGTERM, SIGHUP, SIGINT, SIGQUIT])
    func signals(number: Int32) async throws {
        let agent = try SampleDaemon(output: "ready\u{1B}[?1049h")
        let daemon = try await agent.start()
        let run = try await attach(agent, to: daemon.path)
        kill(run.pid, number)
        let end = try await run.end()
        #expect(end.status == 128 + number)
        #expect(end.output.contains("\u{1B}[?1049l"))
        #expect(run.isCooked)
        try await daemon.stop()
    }

    @Test("a suspension gives the terminal back for its time")
    func suspension() async throws {
        let agent = try SampleDaemon(output: "ready")
        let daemon = try await agent.start()
        let run = try await attach(agent, to: daemon.path)
        let sizes = agent.sizes.count
        // What is on the screen then is something else, so it is shown again after it.
        kill(run.pid, SIGTSTP)
        var status: Int32 = 0
        #expect(try await eventually { waitpid(run.pid, &status, WNOHANG | WUNTRACED) == run.pid })
        #expect(status & 0xFF == 0x7F, "it has stopped")
        #expect(run.isCooked)
        kill(run.pid, SIGCONT)
        #expect(try await eventually { !run.isCooked && agent.sizes.count > sizes })
        run.type("x")
        #expect(try await eventually { agent.input == [UInt8(ascii: "x")] })
        run.type("\u{1D}\u{1D}")
        #expect(try await run.end().status == 0)
        #expect(run.isCooked)
        try await daemon.stop()
    }

    @Test("a daemon that dies leaves the terminal as it was and says that the agent runs on")
    func daemonDies() async throws {
        let agent = try SampleDaemon(output: "ready")
        let daemon = try await agent.start()
        let run = try await attach(agent, to: daemon.path)
        try await daemon.stop()
        let end = try await run.end()
        #expect(end.status == 1)
        #expect(end.output.contains("run on") || end.output.contains("runs on"))
        #expect(run.isCooked)
    }

    @Test("answers to the agent that are on their way when it is left are not for the shell", arguments: [true, false])
    func answers(areThere: Bool) async throws {
        let agent = try SampleDaemon(output: "ready\u{1B}[6n")
        let daemon = try await agent.start()
        let run = try await attach(agent, to: daemon.path)
        run.type("\u{1D}\u{1D}")
        var shown = ""
        #expect(
            try await eventually {
                shown += run.readTerminal()
                return shown.hasSuffix("\u{1B}[c") || shown.contains("[detached")
            })
        if areThere { run.type("\u{1B}[1;1R\u{1B}[?62;22c") }
        let end = try await run.end()
        #expect(end.status == 0)
        #expect((shown + end.output).contains("[detached from worker"))
        #expect(!agent.input.contains(0x1B))
        try await daemon.stop()
    }

    @Test("without a terminal it refuses, and says what to use instead")
    func withoutTerminal() async throws {
        let end = try await RunningAgentCtl(["attach", "worker"]).end()
        #expect(end.status == 1)
        #expect(end.error.contains("agentctl logs"))
    }
}

@Suite("The keyboard")
struct KeyboardTests {
    @Test("what nobody takes grows to a bound, and goes on when it is taken")
    func bound() async {
        let keyboard = Keyboard(onDetach: nil)
        for _ in 0..<Keyboard.mostWaiting + 10 { keyboard.forward([0]) }
        var input = keyboard.input.makeAsyncIterator()
        for _ in 0..<Keyboard.mostWaiting { _ = await input.next() }
        keyboard.forward([1])
        #expect(await input.next() == [1])
    }
}
