// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Testing

@testable import supervisord

@Suite(.timeLimit(.minutes(20))) struct ControlSocketTests {
    private func withDaemon<Value: Sendable>(
        _ body: @escaping @Sendable (TestDaemon) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory { try await TestDaemon($0).run(body) }
    }

    @Test("malformed lines get their errors, and the connection goes on")
    func malformed() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                for (line, word, id) in [
                    ("garbage", "parse_error", JSONValue.null),
                    ("[]", "invalid_request", .null),
                    (#"{"id":7}"#, "invalid_request", 7),
                    (#"{"jsonrpc":"2.0","id":8,"method":"agent/nope"}"#, "method_not_found", 8),
                    (#"{"jsonrpc":"2.0","id":9,"method":"agent/list","params":{"x":1}}"#, "invalid_params", 9),
                    (
                        #"{"jsonrpc":"2.0","id":"a","method":"agent/get","params":{"agent":"x","agent":"y"}}"#,
                        "invalid_params", "a"
                    ),
                    (
                        #"{"jsonrpc":"2.0","id":1,"method":"agent/get","params":{"agent":"nobody"}}"#,
                        "agent_not_found", 1
                    ),
                    (#"{"jsonrpc":"2.0","id":1,"method":"agent/start","params":{}}"#, "invalid_params", 1),
                ] {
                    try await client.send(line)
                    let answer = try #require(try await client.line())
                    #expect(answer["error"]?["data"]?["error"] == .string(word), "\(line)")
                    #expect(answer["id"] == id, "\(line)")
                }
                #expect(try await client.result("agent/list") == ["agents": []])
            }
        }
    }

    @Test("random bytes never end the daemon")
    func noise() async throws {
        try await withDaemon { daemon in
            for round in 0..<20 {
                try? await daemon.connect { client in
                    var text = ""
                    for _ in 0..<2000 { text.unicodeScalars.append(Unicode.Scalar(UInt8.random(in: 0...255))) }
                    try await client.send(round.isMultiple(of: 2) ? text : "{\"jsonrpc\":\"2.0\",\"id\":1,\(text)}")
                    _ = try await client.line()
                }
            }
            let list = try await daemon.connect { try await $0.result("agent/list") }
            #expect(list == ["agents": []])
        }
    }

    @Test("a line over a mebibyte is refused and the connection closed; others do not notice")
    func longLine() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { other in
                try await daemon.connect { client in
                    try? await client.sendRaw(String(repeating: "x", count: 1 << 20))
                    try? await client.sendRaw("xx\n")
                    let answer = try #require(try await client.line())
                    #expect(answer["error"]?["code"] == -32600)
                    #expect(try await client.line() == nil)
                }
                #expect(try await other.result("agent/list") == ["agents": []])
            }
        }
    }

    @Test("a line of exactly a mebibyte is taken")
    func longestLine() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                let head = #"{"jsonrpc":"2.0","id":5,"method":"agent/list","params":{}"#
                try await client.send(head + String(repeating: " ", count: (1 << 20) - head.utf8.count - 1) + "}")
                #expect(try await client.line()?["id"] == 5)
            }
        }
    }

    @Test("a client that closes its sending side gets every answer that it is owed, then the end")
    func halfClose() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                for id in 0..<50 { try await client.send(#"{"jsonrpc":"2.0","id":\#(id),"method":"agent/list"}"#) }
                // The last line has no end of its own.
                try await client.sendRaw(#"{"jsonrpc":"2.0","id":50,"method":"supervisor/status"}"#)
                try await client.closeOutput()
                var ids: Set<JSONValue> = []
                while let line = try await client.line() { ids.insert(line["id"] ?? .null) }
                #expect(ids == Set((0...50).map { .integer($0) }))
            }
        }
    }

    @Test("hundreds of pipelined requests are all answered, over more than the daemon takes at once")
    func pipelining() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                let count = 500
                try await client.sendRaw(
                    (0..<count).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"supervisor/status"}"# + "\r\n" }.joined()
                )
                var ids: Set<JSONValue> = []
                while ids.count < count, let line = try await client.line() { ids.insert(line["id"] ?? .null) }
                #expect(ids.count == count)
            }
        }
    }

    @Test("a notification gets no answer")
    func notification() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                try await client.send(#"{"jsonrpc":"2.0","method":"agent/list"}"#)
                try await client.send(#"{"jsonrpc":"2.0","method":"nonsense"}"#)
                try await client.send(#"{"jsonrpc":"2.0","id":3,"method":"agent/list"}"#)
                #expect(try await client.line()?["id"] == 3)
            }
        }
    }

    @Test("a client that hangs up in the middle leaves the daemon as it was")
    func hangUp() async throws {
        try await withDaemon { daemon in
            for _ in 0..<10 {
                try await daemon.connect { client in
                    try await client.send(#"{"jsonrpc":"2.0","id":1,"method":"events/subscribe"}"#)
                    try await client.sendRaw(#"{"jsonrpc":"2.0","id":2,"met"#)
                    try await client.hangUp()
                }
            }
            try await daemon.connect { client in
                var connections: JSONValue?
                for _ in 0..<6000 {
                    connections = try await client.result("supervisor/status")["connections"]
                    if connections == 1 { break }
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(connections == 1)
            }
        }
    }

    @Test("events are replayed from any number and go on live, without a gap, until detached")
    func events() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                let begun = try await client.result("events/subscribe", ["since": 0])
                #expect(begun["seq"] == 0)
                let first = try #require(try await client.notification())
                #expect(first["method"] == "event")
                #expect(first["params"]?["type"] == "supervisor.started")
                #expect(first["params"]?["seq"] == 1)
                let subscription = try #require(begun["subscription"])
                #expect(try await client.result("agent/detach", ["subscription": subscription]) == [:])
                let ended = try #require(try await client.notification())
                #expect(ended["method"] == "subscription/ended")
                #expect(ended["params"]?["reason"] == "detached")
                #expect(try await client.error("agent/detach", ["subscription": subscription]) == "invalid_params")
                #expect(try await client.error("events/subscribe", ["since": 99]) == "invalid_params")
            }
        }
    }

    @Test("a connection has a limited number of subscriptions")
    func tooManySubscriptions() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                for _ in 0..<Connection.maximumSubscriptions { _ = try await client.result("events/subscribe") }
                #expect(try await client.error("events/subscribe") == "limit_reached")
            }
        }
    }

    @Test("what a later version brings is refused before anything is done")
    func unsupported() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                for (member, value, feature) in [
                    ("resume", "x" as JSONValue, "resume"), ("network", ["allow": ["a:1"]], "network.allow"),
                    ("limits", ["io": "1G"], "limits.io"),
                ] {
                    let answer = try await client.call(
                        "agent/start", .object(["command": ["/bin/true"], member: value]))
                    #expect(answer["error"]?["data"]?["error"] == "unsupported_here")
                    #expect(answer["error"]?["data"]?["feature"] == .string(feature))
                }
                #expect(try await client.result("agent/list") == ["agents": []])
            }
        }
    }

    @Test("a second daemon on the same state directory is refused with a sentence that names the first")
    func secondDaemon() async throws {
        try await withDaemon { daemon in
            let error = await #expect(throws: StateLock.Refusal.self) { try await daemon.run { _ in } }
            #expect(error?.description.contains("pid \(getpid())") == true)
            let list = try await daemon.connect { try await $0.result("agent/list") }
            #expect(list == ["agents": []])
        }
    }

    @Test("a socket that another program listens on, or a file in its place, is left alone")
    func occupied() async throws {
        try await withTemporaryDirectory { directory in
            let socket = ControlSocket(path: "\(directory)/a/control.sock", mode: .user)
            let listener = try socket.listen()
            #expect(throws: ControlSocket.Refusal.self) { try socket.listen() }
            close(listener)
            // Now it is a dead daemon's.
            close(try socket.listen())
            let file = ControlSocket(path: "\(directory)/file", mode: .user)
            _ = try Files.open(file.path, O_WRONLY | O_CREAT)
            #expect(throws: ControlSocket.Refusal.self) { try file.listen() }
        }
    }

    @Test("the socket is for its owner alone in user mode, and for its group in system mode")
    func modes() async throws {
        try await withTemporaryDirectory { directory in
            for (mode, bits) in [(SupervisorStatus.Mode.user, mode_t(0o600)), (.system, 0o660)] {
                let socket = ControlSocket(path: "\(directory)/\(mode)/s", mode: mode)
                close(try socket.listen())
                var status = stat()
                #expect(lstat(socket.path, &status) == 0)
                #expect(status.st_mode & 0o777 == bits)
            }
        }
    }

    @Test("a socket's path may be longer than its address could be")
    func longPath() async throws {
        try await withTemporaryDirectory { directory in
            let long = directory + String(repeating: "/a-directory-with-a-long-name", count: 8)
            try await TestDaemon(long).run { daemon in
                let list = try await daemon.connect { try await $0.result("agent/list") }
                #expect(list == ["agents": []])
            }
        }
    }
}
