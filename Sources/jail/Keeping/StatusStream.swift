// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import ShimProtocol

/// What becomes of a jail, for the program that started `jail run --status-fd`: one JSON object a line. The last always
/// says how it ended, also when it never began.
struct StatusStream {
    private let descriptor: Int32?

    init(_ descriptor: Int32?) {
        self.descriptor = descriptor
        // The jail would not get it anyway; the compiler of profiles need not have it either.
        if let descriptor { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// One line. What there is nothing to say of is left out.
    private struct Line: Encodable {
        var event: String
        /// Of the command's process and of the jail's first, as the host numbers them.
        var pid: Int32?
        var initPID: Int32?
        /// A name as in a profile's `degrade`.
        var name: String?
        var refused: SystemCallRefusal?
        /// What `jail run` exits with.
        var status: Int32?
        var code: Int32?
        var signal: Int32?
        var reason: String?
        var failure: JailFailure?
        var message: String?
        var usage: ResourceUsage?
        var refusals: [SystemCallRefusal]?
    }

    func started(pid: Int32?, initPID: Int32?) {
        send(Line(event: "started", pid: pid, initPID: initPID))
    }

    /// Something that the plan asks for and allows to be missing.
    func missing(_ name: String) { send(Line(event: "missing", name: name)) }

    /// A program was refused a system call, for the first time.
    func refused(_ refusal: SystemCallRefusal) { send(Line(event: "refused", refused: refusal)) }

    func ended(
        _ end: Termination, _ cause: ExitRecord.Cause?, status: Int32, _ usage: ResourceUsage,
        _ refusals: [SystemCallRefusal]
    ) {
        var line = Line(event: "ended", status: status, usage: usage, refusals: refusals)
        switch end {
        case .exited(let code): (line.code, line.reason) = (code, "exited")
        case .signaled(let number): (line.signal, line.reason) = (number, number == SIGSYS ? "seccomp" : "signaled")
        }
        if let cause { line.reason = cause.rawValue }
        send(line)
    }

    /// The command never ran.
    func failed(_ failure: JailFailure, status: Int32) {
        send(Line(event: "ended", status: status, reason: "failed", failure: failure, message: "\(failure)"))
    }

    /// A reader that is gone is no reason to let the jail down.
    private func send(_ line: Line) {
        guard let descriptor else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(line) else { return }
        try? Files.write(Array(bytes) + [UInt8(ascii: "\n")], to: descriptor)
    }
}
