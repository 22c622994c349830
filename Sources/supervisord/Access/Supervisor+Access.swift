// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Profiles

extension Supervisor {
    /// What a client may do, by the configuration as it is now. Fails with `permission_denied` for one who may do nothing.
    func grant(to uid: UInt32, groups: Set<UInt32>) async throws -> Grant {
        let rules = configuration.planner.access
        // The user database may be slow, and what it says of most peers makes no difference.
        if let grant = rules.grant(toAnyone: uid) { return grant }
        let person: AccessRules.Person
        do {
            person = try await blocking { try Users.person(uid, groups: groups) }
        } catch let error as SystemError {
            throw ProtocolError.permissionDenied("who you are cannot be found out, and so what you may do: \(error)")
        }
        guard let grant = rules.grant(to: person) else {
            let names = person.names.sorted(by: >).joined(separator: ", ")
            throw ProtocolError.permissionDenied(
                "no rule under \"access\" in the daemon's configuration names you (\(names)); ask the operator")
        }
        return grant
    }

    /// Whoever may do something else than when they connected has to connect again.
    func reviewGrants() async {
        struct Who: Hashable {
            let uid: UInt32
            let groups: Set<UInt32>
        }
        var grants: [Who: Grant?] = [:]
        for connection in clients.all {
            let who = Who(uid: connection.peer.identity.uid, groups: connection.peer.groups)
            if grants[who] == nil { grants[who] = .some(try? await grant(to: who.uid, groups: who.groups)) }
            let grant = grants[who] ?? nil
            guard (connection.isReadOnly ? grant?.readOnly : grant) != connection.peer.grant else { continue }
            connection.end(
                because: .permissionDenied("the configuration of who may do what has changed; connect again"))
        }
    }
}
