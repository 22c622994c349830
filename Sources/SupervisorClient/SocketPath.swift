// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials

/// Which socket the daemon is expected at.
public enum SocketPath {
    /// Of the daemon of the whole machine.
    public static let system = "/run/agent-supervisor/control.sock"

    /// The option if given, else `AGENT_SUPERVISOR_SOCKET`, else the user's own daemon's socket if there is one, else
    /// the system's. An empty text counts as not given.
    public static func resolve(
        option: String?, environment: [String: String],
        exists: (String) -> Bool = { FileManager.default.fileExists(atPath: $0) }
    ) -> String {
        if let option, !option.isEmpty { return option }
        if let path = environment["AGENT_SUPERVISOR_SOCKET"], !path.isEmpty { return path }
        if let directory = environment["XDG_RUNTIME_DIR"], directory.hasPrefix("/") {
            let path = "\(directory)/agent-supervisor/control.sock"
            if exists(path) { return path }
        }
        return system
    }
}
