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

    /// Waits while the agent does not read and its buffer is full.
    func send(_ bytes: [UInt8], eof: Bool = false) async throws {
        var rest = bytes[...]
        repeat {
            let piece = Array(rest.prefix(Self.piece))
            let isLast = piece.count == rest.count
            let payload: Base64Bytes? = piece.isEmpty ? nil : Base64Bytes(piece)
            // The end must not overtake what was not accepted, so it goes alone.
            if payload == nil, !eof { return }
            let params = AgentInput.Params(agent: agent, dataBase64: payload, eof: payload == nil ? true : nil)
            let accepted = try await client.call(AgentInput.self, params).accepted
            if payload == nil { return }
            rest = rest.dropFirst(accepted)
            if accepted < piece.count { try await Task.sleep(for: .milliseconds(50)) }
            if isLast, rest.isEmpty, !eof { return }
        } while true
    }
}
