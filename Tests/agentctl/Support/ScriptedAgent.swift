// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import ScriptedDaemon
import Synchronization

/// A daemon that answers `agent/get` with an agent, and `agent/logs` with one byte at a time.
enum ScriptedAgent {
    /// - Parameter pages: after so many the connection is closed.
    static func start(_ agent: Agent, closesAfter pages: Int? = nil) async throws -> ScriptedDaemon {
        let answered = Mutex(0)
        return try await ScriptedDaemon.start { request, client in
            guard request.method == AgentLogs.name else { return client.result(agent, to: request) }
            let count = answered.withLock { count in
                count += 1
                return count
            }
            if let pages, count > pages { return client.close() }
            var from: UInt64 = 0
            if case .offset(let offset)? = try AgentLogs.params(from: request.params).since { from = offset }
            let chunk = OutputChunk(
                offset: from, stream: .tty, time: Timestamp(nanoseconds: 0), payload: .text("x"))
            client.result(
                AgentLogs.Result(
                    chunks: from < 3 ? [chunk] : [], next: min(from + 1, 3), start: 0, end: 3, eof: from >= 2),
                to: request)
        }
    }
}
