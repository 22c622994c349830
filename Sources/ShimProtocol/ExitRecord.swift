// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// How an agent ended. The shim writes it to `exit.json`, durably, before it tells anyone and before it goes.
package struct ExitRecord: Codable, Sendable, Equatable {
    package var version = ShimProtocol.version
    package var outcome: Outcome
    /// Who or what brought the end about, if it was not the agent itself.
    package var cause: Cause?
    /// Which of the agent's attempts it was, from 1; nil from shims before version 3, whose agents had one.
    package var attempt: Int?
    /// Nanoseconds since the epoch.
    package var endedAt: Int64
    /// Bytes of output in all, also those that a full disk kept out of the log.
    package var outputEnd: UInt64
    package var usage: ResourceUsage?
    /// As in the last `ShimStatus`, for a daemon that was not there to hear it.
    package var missing: [String]?
    package var refusals: [SystemCallRefusal]?

    package enum Outcome: Codable, Sendable, Equatable {
        case exited(code: Int32)
        case signaled(number: Int32)
        /// The agent never ran.
        case failed(JailFailure)
    }

    package enum Cause: String, Codable, Sendable {
        case killed
        case stopped
        /// The kernel, because the jail's memory was used up.
        case outOfMemory = "out_of_memory"
        /// The keeper, by the plan's timeouts.
        case wallTime = "wall_time"
        case cpuTime = "cpu_time"
        case idle
        /// It did not run, or was not ready, in time.
        case startTime = "start_time"
    }

    package init(outcome: Outcome, cause: Cause?, endedAt: Int64, outputEnd: UInt64) {
        self.outcome = outcome
        self.cause = cause
        self.endedAt = endedAt
        self.outputEnd = outputEnd
    }
}
