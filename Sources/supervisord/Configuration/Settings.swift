// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// All that the daemon was told, with every default filled in. Paths are absolute.
struct Settings: Sendable {
    var mode: SupervisorStatus.Mode
    /// The daemon's own user.
    var uid: UInt32
    var stateDirectory: String
    var socket: String
    /// The program `jail`.
    var jail: String
    /// Bytes of output that are kept of each agent.
    var ring: UInt64
    /// For profiles with `identity: dynamic`.
    var identityPool: IdentityPool?

    var agentsDirectory: String { "\(stateDirectory)/agents" }
    var database: String { "\(stateDirectory)/supervisord.sqlite" }
}
