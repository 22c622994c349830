// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux

/// What the inside of a jail tells its keeper over their socket pair. The pair keeps message boundaries, and the kernel
/// adds the sender's pid.
enum ControlMessage {
    /// Sent by the jail's first process, so that the keeper learns its pid.
    case initStarted
    /// Carries the master side of the jail's terminal.
    case terminal
    /// Sent by the agent's process before it executes the command, so that the keeper learns its pid.
    case agentStarted
    /// The command has been executed: the jail stands.
    case executed
    case failed(JailFailure)
    /// The agent's main process has ended.
    case ended(Termination)

    /// Room for the longest failure text.
    static let maximumSize = 16 * 1024

    func send(to control: Int32, descriptor: Int32 = -1) throws(SystemError) {
        try UnixSockets.send(encoded, descriptor: descriptor, to: control)
    }

    private var encoded: [UInt8] {
        switch self {
        case .initStarted: [1]
        case .terminal: [2]
        case .agentStarted: [3]
        case .executed: [4]
        case .failed(let failure): [5] + failure.encoded
        case .ended(.exited(let code)): [6, UInt8(truncatingIfNeeded: code)]
        case .ended(.signaled(let number)): [7, UInt8(truncatingIfNeeded: number)]
        }
    }

    /// nil for bytes that no message looks like.
    init?(_ bytes: [UInt8]) {
        switch (bytes.first, bytes.count) {
        case (1, 1): self = .initStarted
        case (2, 1): self = .terminal
        case (3, 1): self = .agentStarted
        case (4, 1): self = .executed
        case (5, 2...): self = .failed(JailFailure(decoding: Array(bytes.dropFirst())))
        case (6, 2): self = .ended(.exited(code: Int32(bytes[1])))
        case (7, 2): self = .ended(.signaled(number: Int32(bytes[1])))
        default: return nil
        }
    }
}

extension JailFailure {
    /// As it crosses a pipe or socket between the processes of one jail.
    var encoded: [UInt8] {
        let bytes = (try? JSONEncoder().encode(self)).map(Array.init) ?? Array(description.utf8)
        return Array(bytes.prefix(ControlMessage.maximumSize - 1))
    }

    init(decoding bytes: [UInt8]) {
        self =
            (try? JSONDecoder().decode(JailFailure.self, from: Data(bytes)))
            ?? JailFailure(stage: "unknown", action: String(decoding: bytes, as: UTF8.self))
    }
}
