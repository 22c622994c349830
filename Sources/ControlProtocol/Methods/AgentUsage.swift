// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/usage`: what an agent has used so far, or, once it has ended, in all. What nobody could measure is left out:
/// most of it takes a cgroup.
public enum AgentUsage: Method {
    public static let name = "agent/usage"
    public static let role = Role.viewer
    public static let errors: [ProtocolError.Kind] = [.unsupportedHere]
    public typealias Params = AgentParams

    public struct Result: Codable, Sendable, Hashable {
        /// Since the command was executed, suspends of the machine included.
        public var wallMilliseconds: Int64?
        public var cpu: Processor
        public var memory: Memory
        public var pids: Processes
        public var io: Disks
        /// Time in which work waited for `memory`, `cpu` or `io` (PSI).
        public var pressure: [String: Pressure]?
        /// System calls that were refused, by call and by the name of the process, where the profile has them logged.
        public var refused: [Refusal]

        public init(
            wallMilliseconds: Int64? = nil, cpu: Processor = .init(), memory: Memory = .init(),
            pids: Processes = .init(), io: Disks = .init(), pressure: [String: Pressure]? = nil, refused: [Refusal] = []
        ) {
            self.wallMilliseconds = wallMilliseconds
            self.cpu = cpu
            self.memory = memory
            self.pids = pids
            self.io = io
            self.pressure = pressure
            self.refused = refused
        }
    }

    /// Of all processes together.
    public struct Processor: Codable, Sendable, Hashable {
        /// In the processes themselves.
        public var userMicroseconds: Int64?
        /// In the kernel, on their behalf.
        public var systemMicroseconds: Int64?

        public init(userMicroseconds: Int64? = nil, systemMicroseconds: Int64? = nil) {
            self.userMicroseconds = userMicroseconds
            self.systemMicroseconds = systemMicroseconds
        }
    }

    /// Bytes of memory of all processes together.
    public struct Memory: Codable, Sendable, Hashable {
        /// Now.
        public var currentBytes: Int64?
        /// At most so far.
        public var peakBytes: Int64?
        /// In swap space, now.
        public var swapBytes: Int64?
        /// What the largest process had at most, of those that have ended.
        public var largestProcessBytes: Int64?
        /// How often a limit was met, by the names of memory.events.
        public var events: [String: Int64]?

        public init(
            currentBytes: Int64? = nil, peakBytes: Int64? = nil, swapBytes: Int64? = nil,
            largestProcessBytes: Int64? = nil, events: [String: Int64]? = nil
        ) {
            self.currentBytes = currentBytes
            self.peakBytes = peakBytes
            self.swapBytes = swapBytes
            self.largestProcessBytes = largestProcessBytes
            self.events = events
        }
    }

    /// Threads count as well.
    public struct Processes: Codable, Sendable, Hashable {
        /// Now.
        public var current: Int64?
        /// At most so far.
        public var peak: Int64?

        public init(current: Int64? = nil, peak: Int64? = nil) {
            self.current = current
            self.peak = peak
        }
    }

    /// Bytes read from disks and written to them.
    public struct Disks: Codable, Sendable, Hashable {
        /// Bytes read.
        public var readBytes: Int64?
        /// Bytes written.
        public var writtenBytes: Int64?

        public init(readBytes: Int64? = nil, writtenBytes: Int64? = nil) {
            self.readBytes = readBytes
            self.writtenBytes = writtenBytes
        }
    }

    /// In which some, or all, of the agent's processes waited.
    public struct Pressure: Codable, Sendable, Hashable {
        /// At least one waited.
        public var someMicroseconds: Int64
        /// All that had work waited.
        public var fullMicroseconds: Int64

        public init(someMicroseconds: Int64, fullMicroseconds: Int64) {
            self.someMicroseconds = someMicroseconds
            self.fullMicroseconds = fullMicroseconds
        }
    }

    /// A system call that was refused to processes of one name.
    public struct Refusal: Codable, Sendable, Hashable {
        /// The call's name.
        public var call: String
        /// The agent can choose it.
        public var process: String
        /// Of the first that made the call, as the jail numbers it.
        public var pid: Int32
        /// How often it was refused.
        public var count: UInt64

        public init(call: String, process: String, pid: Int32, count: UInt64) {
            self.call = call
            self.process = process
            self.pid = pid
            self.count = count
        }
    }
}
