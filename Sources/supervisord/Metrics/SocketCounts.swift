// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Synchronization

/// What has come over the socket since the daemon started.
final class SocketCounts: Sendable {
    /// A method and what became of a request for it: `ok`, or the word of the error.
    struct Outcome: Hashable, Sendable {
        let method: String
        let outcome: String
    }

    struct Figures: Sendable {
        var requests: [Outcome: UInt64] = [:]
        /// By method.
        var durations: [String: Histogram] = [:]
        var accepted: UInt64 = 0
        var refused: UInt64 = 0
    }

    private let state = Mutex(Figures())

    var figures: Figures { state.withLock { $0 } }

    /// - Parameter method: of those that there are; for any other and for what is no request, `unknown`: clients could
    ///   else fill the memory with names.
    func add(_ method: String, _ error: ProtocolError?, took duration: Duration? = nil) {
        let outcome = Outcome(method: method, outcome: error.map { $0.kind?.rawValue ?? "unknown" } ?? "ok")
        state.withLock { state in
            state.requests[outcome, default: 0] += 1
            if let duration { state.durations[method, default: Histogram()].add(duration / .seconds(1)) }
        }
    }

    func accepted() { state.withLock { $0.accepted += 1 } }
    func refused() { state.withLock { $0.refused += 1 } }
}
