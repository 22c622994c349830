// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan

/// The conversation between the daemon and a shim on `shim.sock`: JSON, one message per line, at most one connection
/// at a time (a new one replaces the old, whose daemon is dead or leaving).
///
/// A shim outlives the daemon that started it, so this is a contract between versions: members are only ever added,
/// and both sides skip what they do not know.
package enum ShimProtocol {
    /// 2 knows the request `usage`; 3 knows `pause` and `resume`, how far a `stopping` may go, and readiness.
    package static let version = 3
    /// Longest line either side sends, in bytes.
    package static let maximumLine = 256 * 1024
    /// How much input waits in the shim for an agent that does not read, in bytes.
    package static let inputBuffer = 64 * 1024
}

/// From the daemon to the shim. The shim answers each with one `ShimReport` that carries the same `id`.
package struct ShimRequest: Codable, Sendable, Equatable {
    package var id: UInt64
    package var operation: Operation

    package enum Operation: Codable, Sendable, Equatable {
        /// Answered with the status alone.
        case status
        /// Bytes for the agent's terminal or standard input; `end` closes it after them.
        case input(data: Data, end: Bool)
        case resize(columns: UInt16, rows: UInt16)
        /// To the agent's main process and its process group.
        case signal(number: Int32)
        /// Ends everything in the jail at once. `cause` goes into the exit record.
        case kill(cause: ExitRecord.Cause)
        /// Tells the shim that a stop was asked for, so that the exit record says so even if no daemon is there then.
        /// Should it not be over after `grace`, in milliseconds, the shim begins it itself; shims before version 3 do not.
        case stopping(grace: Int64?)
        /// Answered with what the jail has used; only by shims of version 2.
        case usage
        /// Stops everything in the jail until `resume`; from version 3 on, like that.
        case pause
        case resume
    }

    package init(id: UInt64, operation: Operation) {
        self.id = id
        self.operation = operation
    }
}

/// From the shim to the daemon: an answer when `id` is set, news otherwise.
package struct ShimReport: Codable, Sendable, Equatable {
    package var id: UInt64?
    /// Set in the answer to any request, and in every piece of news.
    package var status: ShimStatus
    /// Bytes of input taken, in the answer to `input`.
    package var accepted: Int?
    /// Why the request was refused, as a sentence.
    package var refusal: String?
    /// In the answer to `usage`.
    package var usage: ResourceUsage?

    package init(id: UInt64? = nil, status: ShimStatus, accepted: Int? = nil, refusal: String? = nil) {
        self.id = id
        self.status = status
        self.accepted = accepted
        self.refusal = refusal
    }
}

/// Where the shim's one agent stands.
package struct ShimStatus: Codable, Sendable, Equatable {
    package var version = ShimProtocol.version
    /// The jail's first process, as the host numbers it; nil until there is one.
    package var initPID: Int32?
    /// The agent's main process, as the host numbers it; nil until it has been executed.
    package var agentPID: Int32?
    /// As in the exit record.
    package var attempt: Int?
    /// Everything in the jail is stopped.
    package var isPaused: Bool?
    /// It has shown that it is ready; nil while it has not, and from shims before version 3.
    package var isReady: Bool?
    /// Bytes of output so far: what the log holds, or once held, up to here.
    package var outputEnd: UInt64
    /// What the plan asked for, allowed to be missing, and could not be had: names as in a profile's `degrade`.
    package var missing: [String]?
    /// Refused system calls so far, by call and process name, where the plan asks for it (`log`): bounded, the first
    /// come first.
    package var refusals: [SystemCallRefusal]?
    /// Set once everything in the jail is gone and the record is safely on disk; the shim ends after saying so.
    package var exit: ExitRecord?

    package init(initPID: Int32? = nil, agentPID: Int32? = nil, outputEnd: UInt64 = 0, exit: ExitRecord? = nil) {
        self.initPID = initPID
        self.agentPID = agentPID
        self.outputEnd = outputEnd
        self.exit = exit
    }
}
