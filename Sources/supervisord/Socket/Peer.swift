// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A client, and what it may do.
struct Peer: Sendable {
    let identity: PeerIdentity
    /// Root and the daemon's own user see and change every agent; others their own.
    let isAdministrator: Bool

    func maySee(ownedBy owner: UInt32) -> Bool {
        isAdministrator || owner == identity.uid
    }
}
