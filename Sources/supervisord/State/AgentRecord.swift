// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import JailPlan
import Linux
import ShimProtocol

/// What is stored of an agent. Neither its environment nor its prompt is: they may hold secrets, and are in the agent's
/// own directory (`StartRecord`).
struct AgentRecord: Equatable, Sendable {
    let id: AgentID
    let name: AgentName
    /// The user whose rights it has.
    let owner: UInt32
    let launcher: String
    let profile: String
    let workspace: String?
    let labels: [String: String]
    /// How long it has to end once it is asked to, where the request does not say.
    let grace: Duration
    let createdAt: Timestamp
    /// The path of its cgroup, nil for an agent without one.
    var cgroup: String?
    /// Who it is to the host, where that is not its owner.
    var outside: UInt32?
    /// The size of its terminal at first; nil for an agent without one.
    var terminal: TerminalSize?
    var sizePolicy = SizePolicy.writer

    var machine: AgentMachine
    var startedAt: Timestamp?
    var endedAt: Timestamp?
    /// Its main process; nil while there is none.
    var pid: Int32?
    /// The shim that runs it, or ran it.
    var shim: ProcessIdentity?
    /// The jail's first process, with which everything in it ends.
    var initProcess: ProcessIdentity?
    /// Since when it waits for room to run in.
    var queuedAt: Timestamp?
    var exit: AgentExit?
    /// Why it could not be started, in the state `failed`.
    var failure: JailFailure?
    /// Bytes of output in all, once it has ended.
    var outputEnd: UInt64?
    /// What the profile asked for and this host cannot give.
    var missing: [String] = []
    /// What it used in all, once it has ended.
    var usage: ResourceUsage?
    /// System calls that it was refused. The counts are those of when the last of these came to be known.
    var refusals: [SystemCallRefusal] = []

    var state: AgentState { machine.state }

    /// When the next attempt begins, by the time of day that it is now.
    var nextAttemptAt: Timestamp? {
        machine.progress.due.map {
            Timestamp(nanoseconds: Timestamp.now().nanoseconds + ($0 - Clock.boot()) * 1_000_000)
        }
    }

    /// What an event of this type says of the agent, whoever brought it about.
    func facts(of type: EventType) -> [String: JSONValue] {
        switch type {
        case .agentStarting, .agentStarted, .agentExited, .agentFailed:
            var facts: [String: JSONValue] = ["attempt": .integer(Int64(machine.progress.attempt))]
            if type == .agentExited || type == .agentFailed { facts["state"] = .string(state.rawValue) }
            if let failure, type == .agentFailed { facts["message"] = .string("\(failure)") }
            return facts
        case .agentBackoff:
            return [
                "attempt": .integer(Int64(machine.progress.attempt + 1)),
                "nextAttemptAt": nextAttemptAt.map { .string($0.text) } ?? .null,
            ]
        default: return [:]
        }
    }
}

/// One process, also after its pid has been given to another.
struct ProcessIdentity: Equatable, Sendable {
    let pid: Int32
    /// As in `ProcessStat`.
    let startTime: UInt64
}
