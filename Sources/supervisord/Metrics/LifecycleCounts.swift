// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What has happened to agents since the daemon started.
struct LifecycleCounts: Equatable, Sendable {
    /// Why an agent is run again.
    enum RestartCause: String, CaseIterable {
        /// It ended, and its policy says so.
        case policy
        case request
    }

    private(set) var created: UInt64 = 0
    private(set) var started: UInt64 = 0
    private(set) var failed: UInt64 = 0
    private(set) var exited: [String: UInt64] = Self.zeros(ExitReason.self)
    private(set) var restarted: [String: UInt64] = Self.zeros(RestartCause.self)

    mutating func add(_ event: NewEvent) {
        switch event.type {
        case .agentCreated: created += 1
        case .agentStarted: started += 1
        case .agentFailed: failed += 1
        case .agentExited: if let reason = event.data["reason"]?.text { exited[reason, default: 0] += 1 }
        case .agentBackoff: restarted[RestartCause.policy.rawValue, default: 0] += 1
        case .agentRestarting: restarted[RestartCause.request.rawValue, default: 0] += 1
        default: break
        }
    }

    /// What has not happened yet is known not to have.
    private static func zeros<Word: CaseIterable & RawRepresentable<String>>(_ words: Word.Type) -> [String: UInt64] {
        Dictionary(uniqueKeysWithValues: words.allCases.map { ($0.rawValue, 0) })
    }
}
