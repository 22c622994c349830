// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import ShimProtocol

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
    /// Something that the plan asks for and allows to be missing cannot be had here: its name in `degrade`.
    case missing(String)
    /// System calls that were refused since the last such message.
    case refused([SystemCallRefusal])
    /// Files and addresses that were asked for since the last such message.
    case accessed([AccessRecord])
    /// What the jail's processes have used so far, in answer to `usageRequest`.
    case used(ProcessUsage)
    /// What the jail's processes do, in answer to `activityRequest`.
    case active(ProcessActivity)
    /// The agent's main process has ended.
    case ended(Termination)

    /// What the keeper sends instead of a signal's number, to be told of usage.
    static let usageRequest: UInt8 = 0
    /// Likewise, to be told of activity.
    static let activityRequest: UInt8 = 253
    /// Likewise, to stop everything in the jail, or to let it go on.
    static let pause: UInt8 = 254
    static let resume: UInt8 = 255

    /// Room for the longest path, and for the longest failure text.
    static let maximumSize = 32 * 1024

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
        case .missing(let name): [8] + Array(name.utf8)
        case .refused(let refusals): [9] + ((try? JSONEncoder().encode(refusals)).map(Array.init) ?? [])
        case .accessed(let records): [11] + (ControlMessage.encode(records) ?? [])
        case .used(let usage): [10] + ((try? JSONEncoder().encode(usage)).map(Array.init) ?? [])
        case .active(let activity): [12] + ((try? JSONEncoder().encode(activity)).map(Array.init) ?? [])
        case .ended(.exited(let code)): [6, UInt8(truncatingIfNeeded: code)]
        case .ended(.signaled(let number)): [7, UInt8(truncatingIfNeeded: number)]
        }
    }

    /// A slash in two bytes would make paths longer than what there is room for.
    private static func encode(_ records: [AccessRecord]) -> [UInt8]? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(records)).map(Array.init)
    }

    /// nil for bytes that no message looks like.
    init?(_ bytes: [UInt8]) {
        switch (bytes.first, bytes.count) {
        case (1, 1): self = .initStarted
        case (2, 1): self = .terminal
        case (3, 1): self = .agentStarted
        case (4, 1): self = .executed
        case (5, 2...): self = .failed(JailFailure(decoding: Array(bytes.dropFirst())))
        case (8, 2...): self = .missing(String(decoding: bytes.dropFirst(), as: UTF8.self))
        case (9, 2...):
            guard let refusals = try? JSONDecoder().decode([SystemCallRefusal].self, from: Data(bytes.dropFirst()))
            else { return nil }
            self = .refused(refusals)
        case (11, 2...):
            guard let records = try? JSONDecoder().decode([AccessRecord].self, from: Data(bytes.dropFirst())) else {
                return nil
            }
            self = .accessed(records)
        case (10, 2...):
            guard let usage = try? JSONDecoder().decode(ProcessUsage.self, from: Data(bytes.dropFirst())) else {
                return nil
            }
            self = .used(usage)
        case (12, 2...):
            guard let activity = try? JSONDecoder().decode(ProcessActivity.self, from: Data(bytes.dropFirst())) else {
                return nil
            }
            self = .active(activity)
        case (6, 2): self = .ended(.exited(code: Int32(bytes[1])))
        case (7, 2): self = .ended(.signaled(number: Int32(bytes[1])))
        default: return nil
        }
    }
}

extension JailFailure {
    /// As it crosses a pipe or socket between the processes of one jail. Texts that leave no room are cut: a plan's
    /// paths may be of any length, and a byte of them takes up to six.
    var encoded: [UInt8] {
        let bytes = (try? JSONEncoder().encode(self)).map(Array.init) ?? []
        if (1..<ControlMessage.maximumSize).contains(bytes.count) { return bytes }
        let short = JailFailure(
            stage: stage, action: JailFailure.cut(action, 1500), errno: errno, reason: reason,
            hint: hint.map { JailFailure.cut($0, 500) })
        return (try? JSONEncoder().encode(short)).map(Array.init) ?? Array("\(stage) failed".utf8)
    }

    private static func cut(_ text: String, _ bytes: Int) -> String {
        text.utf8.count <= bytes ? text : String(decoding: text.utf8.prefix(bytes), as: UTF8.self) + " …"
    }

    init(decoding bytes: [UInt8]) {
        self =
            (try? JSONDecoder().decode(JailFailure.self, from: Data(bytes)))
            ?? JailFailure(stage: "unknown", action: String(decoding: bytes, as: UTF8.self))
    }
}
