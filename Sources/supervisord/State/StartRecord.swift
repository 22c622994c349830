// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Linux
import Profiles

/// What an agent was started with, kept in its directory: to start it again, and to know it again should the database
/// be lost. It holds the request as it came, environment and prompt included, so only the daemon may read it.
struct StartRecord: Codable, Equatable, Sendable {
    /// The file in the agent's state directory, mode 0600.
    static let file = "start.json"
    static let currentVersion = 1

    var version = StartRecord.currentVersion
    let id: AgentID
    let name: AgentName
    let owner: UInt32
    let createdAt: Timestamp
    let launcher: String
    let profile: String
    let outside: UInt32?
    let cgroup: String?
    let stopSignals: [Int32]
    /// Milliseconds.
    let grace: Int64
    let restart: RestartPolicy
    let terminal: TerminalSize?
    let missing: [String]
    let request: AgentStart.Params
    /// All groups of the client that started it, by the kernel's word: the session's may be more than the database's.
    var groups: Set<UInt32>?

    init(_ record: AgentRecord, _ request: AgentStart.Params, groups: Set<UInt32>? = nil) {
        id = record.id
        name = record.name
        owner = record.owner
        createdAt = record.createdAt
        launcher = record.launcher
        profile = record.profile
        outside = record.outside
        cgroup = record.cgroup
        stopSignals = record.machine.stopSignals
        grace = record.grace.milliseconds
        restart = record.machine.restart
        terminal = record.terminal
        missing = record.missing
        self.request = request
        self.groups = groups
    }

    /// The agent as a new one; where it stands has to be found out.
    func record(_ state: AgentState, attempt: Int = 1) -> AgentRecord {
        AgentRecord(
            id: id, name: name, owner: owner, launcher: launcher, profile: profile, workspace: request.workspace,
            labels: request.labels ?? [:], grace: .milliseconds(grace), createdAt: createdAt, cgroup: cgroup,
            outside: outside, terminal: terminal, sizePolicy: request.sizePolicy ?? .writer,
            machine: AgentMachine(
                state: state, desired: .running, ending: nil, stopSignals: stopSignals, restart: restart,
                progress: .init(attempt: attempt)),
            missing: missing)
    }
}

extension AgentDirectory {
    /// Writes down what the agent is started with. Blocks.
    func record(_ start: StartRecord) throws {
        let directory = try open()
        try Files.replace(StartRecord.file, with: try CanonicalJSON.encode(start), at: directory.number)
    }

    /// What `record` has written; nil for an agent of an earlier version. Blocks.
    func start() throws -> StartRecord? {
        do {
            return try JSONDecoder().decode(StartRecord.self, from: Data(try read(StartRecord.file)))
        } catch let error as SystemError where error.errno == ENOENT {
            return nil
        }
    }
}
