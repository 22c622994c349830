// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Where an agent stands.
///
/// `queued` → `starting` → `running` ⇄ `paused`; `running` → `stopping` → `exited`; a crash under a restart policy:
/// `running` → `backoff` → `starting`; `failed` when it could not be started or its restarts are used up.
public enum AgentState: String, Codable, Sendable, CaseIterable {
    case queued
    case starting
    case running
    case paused
    case stopping
    case backoff
    case exited
    case failed

    /// Nothing but `agent/restart` leads out of it.
    public var isFinal: Bool { self == .exited || self == .failed }
}

/// What requests have asked for last; stored before it is acted on.
public enum DesiredState: String, Codable, Sendable, CaseIterable {
    case running
    case stopped
}
