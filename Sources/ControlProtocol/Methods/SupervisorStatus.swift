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
        /// The daemon's process, as the host numbers it.
        package var pid: Int32
        /// When the daemon started.
        package var startedAt: Timestamp
        /// The path of the socket that it was started with.
        package var socket: String
        /// The path of the directory in which it keeps everything.
        package var stateDirectory: String
        /// How many of the agents that the peer may see are in which state; states without any are left out.
        package var agents: [String: Int]
        /// Clients connected now, the asking one included: those of its user, or everyone's for who sees everyone's agents.
        package var connections: Int
        /// Of the newest event.
        package var seq: UInt64
        /// Nothing new is started.
        package var draining: Bool?
        /// What could not be stored yet, for want of room: how many changes. New work is refused while there are any.
        package var unstored: Int?
        /// What the daemon itself uses; left out for who does not see everyone's agents.
        package var resources: Resources?
        /// What ended agents take on the disk; for administrators.
        package var retained: Retained?

        /// What a process uses.
        package struct Resources: Codable, Sendable, Hashable {
            /// Bytes.
            package var memory: Int64
            /// Processor time since it started, in itself and in the kernel.
            package var cpuMicroseconds: Int64
            /// How many it has now.
            package var threads: Int
            /// Descriptors that it has open.
            package var openFiles: Int

            package init(memory: Int64, cpuMicroseconds: Int64, threads: Int, openFiles: Int) {
                self.memory = memory
                self.cpuMicroseconds = cpuMicroseconds
                self.threads = threads
                self.openFiles = openFiles
            }
        }

        /// What ended agents have left.
        package struct Retained: Codable, Sendable, Hashable {
            /// How many there are.
            package var agents: Int
            /// What they take on the disk.
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

    /// For whom a daemon runs.
    package enum Mode: String, Codable, Sendable, CaseIterable {
        /// For every user of the machine.
        case system
        /// For the user who runs it.
        case user
    }
}
