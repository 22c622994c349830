// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// A client: who it is by the kernel's word, and what it may do.
struct Peer: Sendable {
    let identity: PeerIdentity
    /// All its groups.
    let groups: Set<UInt32>
    let grant: Grant

    var role: Role { grant.role }
    var isAdministrator: Bool { role == .admin }

    func maySee(ownedBy owner: UInt32) -> Bool {
        grant.seesAll || owner == identity.uid
    }

    func mayChange(ownedBy owner: UInt32) -> Bool {
        isAdministrator || (role == .operator && owner == identity.uid)
    }
}
