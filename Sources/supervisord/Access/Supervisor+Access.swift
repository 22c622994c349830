// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Profiles

extension Supervisor {
    /// What a client may do, by the configuration as it is now. Fails with `permission_denied` for one who may do nothing.
    func grant(to uid: UInt32, groups: Set<UInt32>) async throws -> Grant {
        let rules = configuration.planner.access
        // The user database may be slow, and what it says of most peers makes no difference.
        if let grant = rules.grant(toAnyone: uid) { return grant }
        let person = try await blocking { Users.person(uid, groups: groups) }
        guard let grant = rules.grant(to: person) else {
            throw ProtocolError.permissionDenied(
                "no rule under \"access\" in the daemon's configuration names the user \(Users.name(of: uid)); ask the "
                    + "operator")
        }
        return grant
    }

    /// Whoever may do something else than when they connected has to connect again.
    func reviewGrants() async {
        for connection in clients.all {
            let peer = connection.peer
            let grant = try? await grant(to: peer.identity.uid, groups: peer.groups)
            guard (connection.isReadOnly ? grant?.readOnly : grant) != peer.grant else { continue }
            connection.end(
                because: .permissionDenied("the configuration of who may do what has changed; connect again"))
        }
    }
}
