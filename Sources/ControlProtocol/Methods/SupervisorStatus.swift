// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `supervisor/status`: how the daemon is.
public enum SupervisorStatus: Method {
    public static let name = "supervisor/status"
    public static let role = Role.viewer
    public typealias Params = Nothing

    public struct Result: Codable, Sendable, Hashable {
        public var server: Initialize.Program
        public var mode: Mode
        /// The daemon's process, as the host numbers it.
        public var pid: Int32
        /// When the daemon started.
        public var startedAt: Timestamp
        /// The path of the socket that it was started with.
        public var socket: String
        /// The path of the directory in which it keeps everything.
        public var stateDirectory: String
        /// How many of the agents that the peer may see are in which state; states without any are left out.
        public var agents: [String: Int]
        /// Clients connected now, the asking one included: those of its user, or everyone's for who sees everyone's agents.
        public var connections: Int
        /// Of the newest event.
        public var seq: UInt64
        /// Nothing new is started.
        public var draining: Bool?
        /// What could not be stored yet, for want of room: how many changes. New work is refused while there are any.
        public var unstored: Int?
        /// What the daemon itself uses; left out for who does not see everyone's agents.
        public var resources: Resources?
        /// What ended agents take on the disk; for administrators.
        public var retained: Retained?

        /// What a process uses.
        public struct Resources: Codable, Sendable, Hashable {
            /// Bytes.
            public var memory: Int64
            /// Processor time since it started, in itself and in the kernel.
            public var cpuMicroseconds: Int64
            /// How many it has now.
            public var threads: Int
            /// Descriptors that it has open.
            public var openFiles: Int

            public init(memory: Int64, cpuMicroseconds: Int64, threads: Int, openFiles: Int) {
                self.memory = memory
                self.cpuMicroseconds = cpuMicroseconds
                self.threads = threads
                self.openFiles = openFiles
            }
        }

        /// What ended agents have left.
        public struct Retained: Codable, Sendable, Hashable {
            /// How many there are.
            public var agents: Int
            /// What they take on the disk.
            public var bytes: UInt64
            /// Of the file system that the state is on: bytes that the daemon may still write.
            public var free: UInt64

            public init(agents: Int, bytes: UInt64, free: UInt64) {
                self.agents = agents
                self.bytes = bytes
                self.free = free
            }
        }

        public init(
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
    public enum Mode: String, Codable, Sendable, CaseIterable {
        /// For every user of the machine.
        case system
        /// For the user who runs it.
        case user
    }
}
