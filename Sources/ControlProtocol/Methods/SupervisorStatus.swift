// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `supervisor/status`: how the daemon is.
package enum SupervisorStatus: Method {
    package static let name = "supervisor/status"
    package static let role = Role.viewer
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
        /// Nothing new is started.
        package var draining: Bool?
        /// What could not be stored yet, for want of room: how many changes. New work is refused while there are any.
        package var unstored: Int?
        /// What the daemon itself uses.
        package var resources: Resources?
        /// What ended agents take on the disk; for administrators.
        package var retained: Retained?

        package struct Resources: Codable, Sendable, Hashable {
            /// Bytes.
            package var memory: Int64
            package var cpuMicroseconds: Int64
            package var threads: Int
            package var openFiles: Int

            package init(memory: Int64, cpuMicroseconds: Int64, threads: Int, openFiles: Int) {
                self.memory = memory
                self.cpuMicroseconds = cpuMicroseconds
                self.threads = threads
                self.openFiles = openFiles
            }
        }

        package struct Retained: Codable, Sendable, Hashable {
            package var agents: Int
            package var bytes: UInt64
            /// Of the file system that the state is on: bytes that the daemon may still write.
            package var free: UInt64

            package init(agents: Int, bytes: UInt64, free: UInt64) {
                self.agents = agents
                self.bytes = bytes
                self.free = free
            }
        }

        package init(
            server: Initialize.Program, mode: Mode, pid: Int32, startedAt: Timestamp, socket: String,
            stateDirectory: String, agents: [String: Int], connections: Int, seq: UInt64, draining: Bool? = nil,
            unstored: Int? = nil, resources: Resources? = nil, retained: Retained? = nil
        ) {
            self.draining = draining
            self.unstored = unstored
            self.resources = resources
            self.retained = retained
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
