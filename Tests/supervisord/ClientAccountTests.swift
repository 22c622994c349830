// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

@testable import supervisord

@Suite struct ClientAccountTests {
    @Test("what is over a limit is refused with its name, and what is given back can be taken again")
    func limits() throws {
        let account = ClientAccount(.init(connections: 2, requests: 1, subscriptions: 1, requestBytes: 100))
        try account.take(.connections)
        try account.take(.connections)
        #expect(limit { try account.take(.connections) } == "connections")
        account.giveBack(.connections)
        try account.take(.connections)
        try account.take(.requestBytes, 60)
        #expect(limit { try account.take(.requestBytes, 41) } == "request_bytes")
        try account.take(.requestBytes, 40)
    }

    @Test("lowered limits take nothing away, and hold for what comes")
    func lowered() throws {
        let account = ClientAccount(.init(connections: 10))
        for _ in 0..<10 { try account.take(.connections) }
        account.change(.init(connections: 5))
        for _ in 0..<5 { account.giveBack(.connections) }
        #expect(limit { try account.take(.connections) } == "connections")
        account.giveBack(.connections)
        try account.take(.connections)
    }

    private func limit(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ProtocolError)?.data["limit"]?.text
        }
    }
}
