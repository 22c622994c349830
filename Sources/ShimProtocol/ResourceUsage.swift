// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What a jail has used so far, or used in all. What nobody could measure is nil.
package struct ResourceUsage: Codable, Sendable, Equatable {
    /// Milliseconds since the command was executed, suspends of the machine included.
    package var wall: Int64?
    /// Microseconds of processor time, of all processes together.
    package var userTime: Int64?
    package var systemTime: Int64?
    /// Bytes that the largest process had in memory at most, of those that have ended.
    package var largestProcess: Int64?
    /// Bytes in memory now and at most, the jail's share of the page cache included (memory.current, memory.peak).
    package var memory: Int64?
    package var memoryPeak: Int64?
    package var swap: Int64?
    /// Processes and threads (pids.current, pids.peak).
    package var processes: Int64?
    package var processesPeak: Int64?
    /// Bytes from and to block devices (io.stat).
    package var bytesRead: Int64?
    package var bytesWritten: Int64?
    /// How often a limit on memory was met, by the names of memory.events.
    package var memoryEvents: [String: Int64]?
    /// Time in which work waited for `memory`, `cpu` or `io` (PSI).
    package var pressure: [String: Pressure]?

    /// Microseconds in all in which some, or all, of the jail's processes waited.
    package struct Pressure: Codable, Sendable, Equatable {
        package var some: Int64
        package var full: Int64

        package init(some: Int64, full: Int64) {
            self.some = some
            self.full = full
        }
    }

    package init() {}
}
