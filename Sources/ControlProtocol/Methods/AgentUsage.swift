// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/usage`: what an agent has used so far, or, once it has ended, in all. What nobody could measure is left out:
/// most of it takes a cgroup.
package enum AgentUsage: Method {
    package static let name = "agent/usage"
    package static let role = Role.viewer
    package typealias Params = AgentParams

    package struct Result: Codable, Sendable, Hashable {
        /// Since the command was executed, suspends of the machine included.
        package var wallMilliseconds: Int64?
        package var cpu: Processor
        package var memory: Memory
        package var pids: Processes
        package var io: Disks
        /// Time in which work waited for `memory`, `cpu` or `io` (PSI).
        package var pressure: [String: Pressure]?
        /// System calls that were refused, by call and by the name of the process, where the profile has them logged.
        package var refused: [Refusal]

        package init(
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
    package struct Processor: Codable, Sendable, Hashable {
        package var userMicroseconds: Int64?
        package var systemMicroseconds: Int64?

        package init(userMicroseconds: Int64? = nil, systemMicroseconds: Int64? = nil) {
            self.userMicroseconds = userMicroseconds
            self.systemMicroseconds = systemMicroseconds
        }
    }

    package struct Memory: Codable, Sendable, Hashable {
        package var currentBytes: Int64?
        package var peakBytes: Int64?
        package var swapBytes: Int64?
        /// What the largest process had at most, of those that have ended.
        package var largestProcessBytes: Int64?
        /// How often a limit was met, by the names of memory.events.
        package var events: [String: Int64]?

        package init(
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
    package struct Processes: Codable, Sendable, Hashable {
        package var current: Int64?
        package var peak: Int64?

        package init(current: Int64? = nil, peak: Int64? = nil) {
            self.current = current
            self.peak = peak
        }
    }

    package struct Disks: Codable, Sendable, Hashable {
        package var readBytes: Int64?
        package var writtenBytes: Int64?

        package init(readBytes: Int64? = nil, writtenBytes: Int64? = nil) {
            self.readBytes = readBytes
            self.writtenBytes = writtenBytes
        }
    }

    /// In which some, or all, of the agent's processes waited.
    package struct Pressure: Codable, Sendable, Hashable {
        package var someMicroseconds: Int64
        package var fullMicroseconds: Int64

        package init(someMicroseconds: Int64, fullMicroseconds: Int64) {
            self.someMicroseconds = someMicroseconds
            self.fullMicroseconds = fullMicroseconds
        }
    }

    package struct Refusal: Codable, Sendable, Hashable {
        package var call: String
        /// The agent can choose it.
        package var process: String
        /// Of the first that made the call, as the jail numbers it.
        package var pid: Int32
        package var count: UInt64

        package init(call: String, process: String, pid: Int32, count: UInt64) {
            self.call = call
            self.process = process
            self.pid = pid
            self.count = count
        }
    }
}
