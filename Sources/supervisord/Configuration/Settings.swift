// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What the daemon was told and stays for as long as it lives, with every default filled in. Paths are absolute.
struct Settings: Sendable {
    var mode: SupervisorStatus.Mode
    /// The daemon's own user.
    var uid: UInt32
    var stateDirectory: String
    /// The control socket.
    var socket: String
    /// One on which clients can see, and change nothing.
    var readOnlySocket: String?
    /// Those that somebody else listens on, and has handed over.
    var activated: [ActivatedSockets.Place] = []
    /// The program `jail`.
    var jail: String

    var agentsDirectory: String { "\(stateDirectory)/agents" }
    var database: String { "\(stateDirectory)/supervisord.sqlite" }

    /// What of its sockets is hidden from agents: their directories where those are ours alone, else the sockets.
    var hiddenSockets: [String] {
        let all = [socket] + (readOnlySocket.map { [$0] } ?? []) + activated.map(\.path)
        return all.map { socket in
            guard let slash = socket.lastIndex(of: "/") else { return socket }
            let directory = socket[..<slash]
            return directory.hasSuffix("/agent-supervisor") ? String(directory) : socket
        }
    }
}
