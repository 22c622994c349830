// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import SupervisorClient

/// Sends input to an agent until all of it is taken.
struct InputSender {
    /// Bytes in one request.
    private static let piece = 32 * 1024

    let client: SupervisorClient
    let agent: AgentReference
    /// Also from whoever writes to it, attached.
    var takesOver = false

    /// Waits while the agent does not read and its buffer is full.
    func send(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(Self.piece))
            let params = AgentInput.Params(agent: agent, dataBase64: Base64Bytes(piece), takeOver: takeover)
            let accepted: Int
            do {
                accepted = try await client.call(AgentInput.self, params).accepted
            } catch let error as ProtocolError where error.kind == .limitReached {
                accepted = 0
            }
            rest = rest.dropFirst(max(0, accepted))
            if accepted < piece.count { try await Task.sleep(for: .milliseconds(50)) }
        }
    }

    func press(_ keys: [Key]) async throws {
        _ = try await client.call(AgentInput.self, .init(agent: agent, keys: keys, takeOver: takeover))
    }

    /// Ends the agent's input.
    func end() async throws {
        _ = try await client.call(AgentInput.self, .init(agent: agent, eof: true, takeOver: takeover))
    }

    private var takeover: Bool? { takesOver ? true : nil }
}
