// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Numbers of users and groups that nobody on the host has, for agents that are to be nobody but themselves.
struct IdentityPool: Equatable, Sendable {
    var first: UInt32
    var count: UInt32

    /// One that is not in use. An agent keeps its number until it is removed: files of its may still be there.
    func free(besides used: Set<UInt32>) -> UInt32? {
        (first..<first + count).first { !used.contains($0) }
    }
}
