// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What a client may do at most. Each role may do what the ones before it may.
public enum Role: String, Codable, Sendable, CaseIterable, Comparable {
    /// See agents: its own, and others' where the operator's configuration says so.
    case viewer
    /// Start agents, and do anything with its own, within the bounds that the configuration sets.
    case `operator`
    /// Do anything with everyone's agents, and with the daemon.
    case admin

    public static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }
}
