// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import ScriptedDaemon
import Testing

@testable import agentctl

@Suite("relay", .timeLimit(.minutes(20)))
struct RelayTests {
    private let request = #"{"jsonrpc":"2.0","id":1,"method":"agent/list"}"# + "\n"

    @Test("answers come also after the input has ended, until the daemon closes")
    func halfClosed() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            client.result(AgentList.Result(agents: []), to: request)
            client.close()
        }
        let end = try await RunningAgentCtl(["relay", "--socket", daemon.path], input: request).end()
        #expect(end.status == 0)
        #expect(end.output.contains(#""agents":[]"#), "\(end)")
        try await daemon.stop()
    }

    @Test("told to end with its input it leaves nothing behind at a daemon that says nothing more")
    func endsWithInput() async throws {
        let daemon = try await ScriptedDaemon.start { _, _ in }
        let end = try await RunningAgentCtl(["relay", "--end-with-input", "--socket", daemon.path], input: request)
            .end()
        #expect(end == .init(status: 0))
        #expect(try await daemon.request(AgentList.name) != nil, "what there was to read has been passed on")
        try await daemon.stop()
    }

    @Test("without a daemon it ends as every command does")
    func noDaemon() async throws {
        let end = try await RunningAgentCtl(["relay", "--socket", "/nonexistent"]).end()
        #expect(end.status == 5)
    }
}
