// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import JailPlan
import ShimProtocol

/// What is stored of an agent. Neither its environment nor its prompt is: they may hold secrets, and nothing but the
/// jail needs them.
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

    var machine: AgentMachine
    var startedAt: Timestamp?
    var endedAt: Timestamp?
    /// Its main process; nil while there is none.
    var pid: Int32?
    /// The shim that runs it, or ran it.
    var shim: ProcessIdentity?
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
}

/// One process, also after its pid has been given to another.
struct ProcessIdentity: Equatable, Sendable {
    let pid: Int32
    /// As in `ProcessStat`.
    let startTime: UInt64
}
