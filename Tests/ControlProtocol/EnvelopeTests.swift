// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

private func envelope(_ text: String) throws(RequestEnvelope.Refusal) -> RequestEnvelope {
    try RequestEnvelope(line: Array(text.utf8))
}

private func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }

@Suite("Envelopes")
struct EnvelopeTests {
    @Test("a request, with params or without, with an id of either kind or none")
    func requests() throws {
        #expect(
            try envelope(#"{"jsonrpc":"2.0","id":1,"method":"agent/list"}"#)
                == RequestEnvelope(id: .integer(1), method: "agent/list", params: nil))
        #expect(
            try envelope(#"{"method":"m","params":{"a":1},"id":"x","jsonrpc":"2.0"}"#)
                == RequestEnvelope(id: .string("x"), method: "m", params: ["a": 1]))
        #expect(try envelope(#"{"jsonrpc":"2.0","method":"m"}"#).id == nil)
    }

    @Test(
        "a line that is no request gets the right error, with the id where there is one",
        arguments: [
            ("nonsense", nil, .parseError), (#"{"jsonrpc":"2.0","id":1,"method":"m""#, nil, .parseError),
            ("[]", nil, .invalidRequest), (#"[{"jsonrpc":"2.0","id":1,"method":"m"}]"#, nil, .invalidRequest),
            ("1", nil, .invalidRequest), ("{}", nil, .invalidRequest),
            (#"{"id":1,"method":"m"}"#, .integer(1), .invalidRequest),
            (#"{"jsonrpc":"1.0","id":1,"method":"m"}"#, .integer(1), .invalidRequest),
            (#"{"jsonrpc":"2.0","id":"x","method":1}"#, .string("x"), .invalidRequest),
            (#"{"jsonrpc":"2.0","id":1}"#, .integer(1), .invalidRequest),
            (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, .integer(1), .invalidRequest),
            (#"{"jsonrpc":"2.0","id":null,"method":"m"}"#, nil, .invalidRequest),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"m"}"#, nil, .invalidRequest),
            (#"{"jsonrpc":"2.0","id":[],"method":"m"}"#, nil, .invalidRequest),
            (#"{"jsonrpc":"2.0","id":"\#(String(repeating: "x", count: 257))","method":"m"}"#, nil, .invalidRequest),
            (#"{"jsonrpc":"2.0","id":1,"method":"m","agent":"x"}"#, .integer(1), .invalidRequest),
            (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}"#, .integer(1), .invalidRequest),
            (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{},"params":{}}"#, .integer(1), .invalidRequest),
            (#"{"jsonrpc":"2.0","id":1,"method":"m","params":[]}"#, .integer(1), .invalidParams),
            (#"{"jsonrpc":"2.0","id":1,"method":"m","params":null}"#, .integer(1), .invalidParams),
            (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"a":1}}"#, .integer(1), .invalidParams),
        ] as [(String, RequestID?, ProtocolError.Kind)])
    func refusals(line: String, id: RequestID?, kind: ProtocolError.Kind) throws {
        let refusal = try #require(throws: RequestEnvelope.Refusal.self) { try envelope(line) }
        #expect(refusal.id == id)
        #expect(refusal.error.kind == kind)
        #expect(refusal.error.code == kind.code)
    }

    @Test("a member repeated deep in the params is named from the params on")
    func repeatedMember() throws {
        let refusal = try #require(throws: RequestEnvelope.Refusal.self) {
            try envelope(#"{"jsonrpc":"2.0","method":"m","params":{"env":{"A":"1","A":"2"}},"id":9}"#)
        }
        #expect(refusal.id == .integer(9))
        #expect(refusal.error.message == #"the parameter "env.A" is there twice"#)
        #expect(refusal.error.data == ["error": "invalid_params", "path": "env.A"])
    }

    @Test("a failure is answered as the protocol shows it")
    func errors() throws {
        let error = ProtocolError.agentNotFound(try AgentReference("foo"))
        #expect(
            text(DaemonLine.error(error, to: .integer(3)))
                == #"{"error":{"code":-32001,"data":{"agent":"foo","error":"agent_not_found"},"#
                + #""message":"no agent is called \"foo\""},"id":3,"jsonrpc":"2.0"}"# + "\n")
        #expect(text(DaemonLine.error(.draining, to: nil)).contains(#""id":null"#))
        #expect(
            try DaemonMessage(line: DaemonLine.error(error, to: .string("x")).dropLast())
                == .error(id: .string("x"), error))
    }

    @Test("a result that is longer than a line becomes an error")
    func tooLong() throws {
        let line = DaemonLine.result(String(repeating: "x", count: ProtocolLimits.maximumDaemonLine), to: .integer(1))
        guard case .error(.integer(1), let error) = try DaemonMessage(line: line.dropLast()) else {
            Issue.record("\(text(line)) should be an error")
            return
        }
        #expect(error.kind == .limitReached)
        #expect(error.data["limit"] == "line")
    }

    @Test("notifications are written as the protocol shows them, and read back")
    func notifications() throws {
        let agent = try AgentID("01JDABCDEFGHJKMNPQRSTVWXYZ")
        let time = try Timestamp("2026-11-20T19:21:05.123Z")
        let subscription = SubscriptionID(rawValue: "s1")
        try golden(
            AgentOutput(
                subscription: subscription, agent: agent,
                chunk: OutputChunk(offset: 4096, stream: .tty, time: time, payload: .text("\u{1B}[1m/é"))),
            #"{"jsonrpc":"2.0","method":"agent/output","params":{"agent":"01JDABCDEFGHJKMNPQRSTVWXYZ","#
                + #""data":"\u001b[1m/é","offset":4096,"stream":"tty","subscription":"s1","#
                + #""time":"2026-11-20T19:21:05.123Z"}}"#)
        try golden(
            AgentGap(subscription: subscription, agent: agent, from: 4096, to: 9000),
            #"{"jsonrpc":"2.0","method":"agent/gap","params":{"agent":"01JDABCDEFGHJKMNPQRSTVWXYZ","#
                + #""from":4096,"subscription":"s1","to":9000}}"#)
        try golden(
            AgentScreenSnapshot(
                subscription: subscription, agent: agent, offset: 9000, size: .init(columns: 80, rows: 24),
                dataBase64: Base64Bytes([27]), more: false),
            #"{"jsonrpc":"2.0","method":"agent/snapshot","params":{"agent":"01JDABCDEFGHJKMNPQRSTVWXYZ","#
                + #""dataBase64":"Gw==","more":false,"offset":9000,"size":{"columns":80,"rows":24},"subscription":"s1"}}"#
        )
        try golden(
            AgentWriter(subscription: subscription, agent: agent, writer: .init(uid: 1000, user: "ada", pid: 7)),
            #"{"jsonrpc":"2.0","method":"agent/writer","params":{"agent":"01JDABCDEFGHJKMNPQRSTVWXYZ","#
                + #""subscription":"s1","writer":{"pid":7,"uid":1000,"user":"ada"}}}"#)
        try golden(
            EventNotification(
                subscription: subscription,
                event: Event(seq: 118, time: time, type: .agentExited, agent: agent, data: ["code": 0])),
            #"{"jsonrpc":"2.0","method":"event","params":{"agent":"01JDABCDEFGHJKMNPQRSTVWXYZ","data":{"code":0},"#
                + #""seq":118,"subscription":"s1","time":"2026-11-20T19:21:05.123Z","type":"agent.exited"}}"#)
        try golden(
            SubscriptionEnded(subscription: subscription, reason: .eof),
            #"{"jsonrpc":"2.0","method":"subscription/ended","params":{"reason":"eof","subscription":"s1"}}"#)
    }

    private func golden<N: ServerNotification>(_ notification: N, _ expected: String) throws {
        let line = try DaemonLine.notification(notification)
        #expect(text(line) == expected + "\n")
        guard case .notification(N.method, let params) = try DaemonMessage(line: line.dropLast()) else {
            Issue.record("\(text(line)) should be a notification")
            return
        }
        #expect(try StrictDecoder.decode(N.self, from: params) == notification)
    }

    @Test("every error of the protocol's table carries its word and its number")
    func table() throws {
        let reference = try AgentReference("a")
        let errors: [(ProtocolError, Int, String)] = [
            (.parseError(JSONError(reason: .empty, offset: 0, path: JSONPath())), -32700, "parse_error"),
            (.invalidRequest("x"), -32600, "invalid_request"), (.methodNotFound("x"), -32601, "method_not_found"),
            (.invalidParams(path: "x", reason: "y"), -32602, "invalid_params"),
            (.internalError("x"), -32603, "internal_error"), (.agentNotFound(reference), -32001, "agent_not_found"),
            (.invalidState(.exited, "x"), -32002, "invalid_state"),
            (.permissionDenied("x"), -32003, "permission_denied"),
            (.nameTaken(try AgentName("x")), -32004, "name_taken"), (.limitReached("l", "x"), -32005, "limit_reached"),
            (.profileInvalid(file: "f", line: 1, reason: "r"), -32006, "profile_invalid"),
            (.jailFailed(stage: "s", errno: "EPERM", hint: nil, "x"), -32007, "jail_failed"),
            (.timedOut("x"), -32008, "timed_out"), (.unsupportedHere(feature: "f", "x"), -32009, "unsupported_here"),
            (.draining, -32010, "draining"), (.agentAmbiguous(reference, matches: []), -32011, "agent_ambiguous"),
            (.cancelled, -32012, "cancelled"),
        ]
        #expect(errors.count == ProtocolError.Kind.allCases.count)
        for (error, code, word) in errors {
            #expect(error.code == code)
            #expect(error.data["error"] == .string(word))
            #expect(error.kind?.rawValue == word)
        }
    }
}
