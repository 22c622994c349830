// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// How far an agent's output has come.
struct OutputState: Equatable, Sendable {
    /// Bytes so far, stored or not.
    var end: UInt64
    /// More may come.
    var isOpen: Bool
    var isRemoved: Bool
}
