// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What the daemon was told and stays for as long as it lives, with every default filled in. Paths are absolute.
struct Settings: Sendable {
    var mode: SupervisorStatus.Mode
    /// The daemon's own user.
    var uid: UInt32
    var stateDirectory: String
    var socket: String
    /// The program `jail`.
    var jail: String

    var agentsDirectory: String { "\(stateDirectory)/agents" }
    var database: String { "\(stateDirectory)/supervisord.sqlite" }
}
