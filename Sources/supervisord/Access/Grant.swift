// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Profiles

/// What somebody may do.
struct Grant: Sendable, Equatable {
    var role: Role
    /// Whether others' agents are there for them. To change one takes an administrator all the same.
    var seesAll: Bool
    /// What their agents get at most.
    var bounds = RequestBounds()

    static let everything = Grant(role: .admin, seesAll: true)

    /// What is left of it on the socket that changes nothing.
    var readOnly: Grant { Grant(role: min(role, .viewer), seesAll: seesAll, bounds: bounds) }
}
