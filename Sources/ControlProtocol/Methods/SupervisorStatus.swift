// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `supervisor/status`: how the daemon is.
package enum SupervisorStatus: Method {
    package static let name = "supervisor/status"
    package typealias Params = Nothing

    package struct Result: Codable, Sendable, Hashable {
        package var server: Initialize.Program
        package var mode: Mode
        package var pid: Int32
        package var startedAt: Timestamp
        package var socket: String
        package var stateDirectory: String
        /// How many of the agents that the peer may see are in which state; states without any are left out.
        package var agents: [String: Int]
        /// Clients connected now, the asking one included.
        package var connections: Int
        /// Of the newest event.
        package var seq: UInt64

        package init(
            server: Initialize.Program, mode: Mode, pid: Int32, startedAt: Timestamp, socket: String,
            stateDirectory: String, agents: [String: Int], connections: Int, seq: UInt64
        ) {
            self.server = server
            self.mode = mode
            self.pid = pid
            self.startedAt = startedAt
            self.socket = socket
            self.stateDirectory = stateDirectory
            self.agents = agents
            self.connections = connections
            self.seq = seq
        }
    }

    package enum Mode: String, Codable, Sendable {
        /// For every user of the machine.
        case system
        /// For the user who runs it.
        case user
    }
}
