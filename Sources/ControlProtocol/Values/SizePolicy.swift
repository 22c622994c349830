// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Which size an agent's terminal takes, of those of its viewers' terminals (`agent/attach`, `agent/viewport`). The size
/// stays when the last of them leaves.
public enum SizePolicy: String, Codable, Sendable, CaseIterable {
    /// That of the viewer who writes.
    case writer
    /// The most columns and the most rows that any viewer has.
    case largest
    /// None: only `agent/resize` changes it.
    case pinned
}
