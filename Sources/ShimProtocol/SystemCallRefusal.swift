// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A system call that a jail's filter refused, as often as one program made it.
package struct SystemCallRefusal: Codable, Sendable, Equatable {
    /// By name, or its number where that has none here.
    package var call: String
    /// As in /proc/PID/comm: the agent can choose it, so it is untrusted text of at most 15 bytes.
    package var process: String
    /// Of the first that made it, as the jail numbers it.
    package var pid: Int32
    package var count: UInt64

    package init(call: String, process: String, pid: Int32, count: UInt64) {
        self.call = call
        self.process = process
        self.pid = pid
        self.count = count
    }
}
