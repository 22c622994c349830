// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import ScriptedDaemon
import SupervisorClient
import Synchronization
import Testing

private let program = Initialize.Program(name: "test", version: "1")

@Suite("Calls", .timeLimit(.minutes(20)))
struct CallTests {
    @Test("many calls at once find their answers, in whatever order these come")
    func concurrentCalls() async throws {
        let waiting = Mutex<[(RequestEnvelope, String)]>([])
        let daemon = try await ScriptedDaemon.start { request, client in
            let params = try AgentInput.params(from: request.params)
            let answers = waiting.withLock { waiting in
                waiting.append((request, params.data ?? ""))
                defer { if waiting.count == 100 { waiting = [] } }
                return waiting.count == 100 ? waiting.shuffled() : []
            }
            for (request, text) in answers { client.result(AgentInput.Result(accepted: Int(text) ?? -1), to: request) }
        }
        let agent = try AgentReference("a")
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        let result = try await client.call(AgentInput.self, .init(agent: agent, data: "\(number)"))
                        #expect(result.accepted == number)
                    }
                }
                try await group.waitForAll()
            }
        }
        try await daemon.stop()
    }

    @Test("what the daemon answers with is thrown as it is")
    func protocolErrors() async throws {
        let expected = ProtocolError.agentNotFound(try AgentReference("foo"))
        let daemon = try await ScriptedDaemon.start { $1.error(expected, to: $0) }
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            let error = try await #require(throws: ProtocolError.self) {
                try await client.call(AgentGet.self, .init(agent: try AgentReference("foo")))
            }
            #expect(error == expected)
        }
        try await daemon.stop()
    }

    @Test("members that a later daemon adds are skipped")
    func unknownMembers() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            client.send(#"{"jsonrpc":"2.0","method":"later/news","params":{}}"# + "\r\n\n")
            client.send(#"{"jsonrpc":"2.0","id":1,"result":{"accepted":3,"later":[]},"later":1}"# + "\n")
        }
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            let params = AgentInput.Params(agent: try AgentReference("a"), data: "abc")
            #expect(try await client.call(AgentInput.self, params).accepted == 3)
        }
        try await daemon.stop()
    }

    @Test("a daemon that hangs up fails the calls under way, and later ones, with a sentence")
    func hangsUp() async throws {
        let daemon = try await ScriptedDaemon.start { $1.close() }
        let client = try await SupervisorClient.connect(path: daemon.path)
        for _ in 0..<2 {
            let error = try await #require(throws: ClientError.self) {
                try await client.call(SupervisorStatus.self, Nothing())
            }
            #expect(error.kind == .connectionLost)
        }
        try await daemon.stop()
    }

    @Test(
        "an answer that is not the protocol's ends the connection, not the program",
        arguments: [
            "nonsense", "[]", #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":1,"error":1}"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}"#,
            #"{"jsonrpc":"2.0","id":1,"result":{"accepted":"x"}}"#, #"{"jsonrpc":"2.0","id":1,"id":1,"result":{}}"#,
            String(repeating: "x", count: ProtocolLimits.maximumDaemonLine + 2),
        ])
    func malformed(line: String) async throws {
        let daemon = try await ScriptedDaemon.start { $1.send(line + "\n") }
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            let error = try await #require(throws: ClientError.self) {
                try await client.call(AgentInput.self, .init(agent: try AgentReference("a"), data: "abc"))
            }
            #expect(error.kind == .malformedAnswer)
        }
        try await daemon.stop()
    }

    @Test("a cancelled call ends at once and tells the daemon")
    func cancellation() async throws {
        let daemon = try await ScriptedDaemon.start { _, _ in }
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            let call = Task { try await client.call(AgentWait.self, .init(agent: try AgentReference("a"))) }
            let request = try #require(try await daemon.request("agent/wait"))
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            let cancel = try #require(try await daemon.request("rpc.cancel"))
            #expect(try RPCCancel.params(from: cancel.params).id == request.id)
        }
        try await daemon.stop()
    }

    @Test("a request that is too long is refused before it is sent")
    func tooLong() async throws {
        let daemon = try await ScriptedDaemon.start { _, _ in }
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            let text = String(repeating: "x", count: ProtocolLimits.maximumRequestLine)
            let error = try await #require(throws: ClientError.self) {
                try await client.call(AgentInput.self, .init(agent: try AgentReference("a"), data: text))
            }
            #expect(error.kind == .requestTooLong)
        }
        #expect(daemon.requests.isEmpty)
        try await daemon.stop()
    }
}

@Suite("Connecting", .timeLimit(.minutes(20)))
struct ConnectingTests {
    @Test("a path without a daemon is an error that says how to get one")
    func noDaemon() async throws {
        for path in [
            "/nonexistent/control.sock", "/nonexistent/" + String(repeating: "x", count: 200), "/etc/passwd/x",
        ] {
            let error = try await #require(throws: ClientError.self) { try await SupervisorClient.connect(path: path) }
            #expect(error.kind == .noDaemon)
            #expect(error.description.contains("--socket"))
        }
    }

    @Test("a path longer than a socket address holds is reached, also from its own directory")
    func longPath() async throws {
        let daemon = try await ScriptedDaemon.start { $1.result(AgentInput.Result(accepted: 1), to: $0) }
        let directory = FileManager.default.temporaryDirectory.appending(path: "long-\(UUID().uuidString)")
        let deep = directory.appending(path: String(repeating: "d", count: 200))
        try FileManager.default.createDirectory(at: deep, withIntermediateDirectories: true)
        let path = deep.appending(path: "control.sock").path()
        try FileManager.default.moveItem(atPath: daemon.path, toPath: path)
        #expect(path.utf8.count > 200)
        try await SupervisorClient.withConnection(path: path) { client in
            let params = AgentInput.Params(agent: try AgentReference("a"), eof: true)
            #expect(try await client.call(AgentInput.self, params).accepted == 1)
        }
        try await daemon.stop()
        try FileManager.default.removeItem(at: directory)
    }

    @Test(
        "the socket's path comes from the option, the environment, the user's own daemon or the system's, in this order"
    )
    func resolution() {
        let environment = ["AGENT_SUPERVISOR_SOCKET": "/e", "XDG_RUNTIME_DIR": "/run/user/1"]
        let own = "/run/user/1/agent-supervisor/control.sock"
        #expect(SocketPath.resolve(option: "/o", environment: environment) { _ in true } == "/o")
        #expect(SocketPath.resolve(option: nil, environment: environment) { _ in true } == "/e")
        #expect(
            SocketPath.resolve(
                option: "", environment: ["AGENT_SUPERVISOR_SOCKET": "", "XDG_RUNTIME_DIR": "/run/user/1"]
            ) { $0 == own } == own)
        #expect(
            SocketPath.resolve(option: nil, environment: ["XDG_RUNTIME_DIR": "/run/user/1"]) { _ in false }
                == SocketPath.system)
        #expect(
            SocketPath.resolve(option: nil, environment: ["XDG_RUNTIME_DIR": "x"]) { _ in true } == SocketPath.system)
    }
}
