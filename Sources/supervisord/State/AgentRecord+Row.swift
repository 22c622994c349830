// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import GRDB
import JailPlan
import Profiles
import ShimProtocol

extension AgentRecord {
    init(row: Row) throws {
        id = try AgentID(row["id"] as String)
        name = try AgentName(row["name"] as String)
        owner = row["owner"]
        launcher = row["launcher"]
        profile = row["profile"]
        workspace = row["workspace"]
        labels = try Self.decode(row["labels"])
        grace = .milliseconds(row["grace"] as Int64)
        createdAt = Timestamp(nanoseconds: row["created_at"])
        guard let state = AgentState(rawValue: row["state"]), let desired = DesiredState(rawValue: row["desired"])
        else {
            throw DatabaseError(message: "agent \(id) is in a state that this version does not know")
        }
        machine = AgentMachine(
            state: state, desired: desired, ending: Self.ending(row), stopSignals: try Self.decode(row["stop_signals"]),
            restart: try (row["restart"] as String?).map(Self.decode) ?? .init(),
            progress: try (row["progress"] as String?).map { try (Self.decode($0) as AgentMachine.Progress).bounded }
                ?? .init())
        startedAt = (row["started_at"] as Int64?).map(Timestamp.init(nanoseconds:))
        endedAt = (row["ended_at"] as Int64?).map(Timestamp.init(nanoseconds:))
        pid = row["pid"]
        if let pid = row["shim_pid"] as Int32?, let startTime = row["shim_start_time"] as Int64? {
            shim = ProcessIdentity(pid: pid, startTime: UInt64(clamping: startTime))
        }
        if let pid = row["init_pid"] as Int32?, let startTime = row["init_start_time"] as Int64? {
            initProcess = ProcessIdentity(pid: pid, startTime: UInt64(clamping: startTime))
        }
        queuedAt = (row["queued_at"] as Int64?).map(Timestamp.init(nanoseconds:))
        if let columns = row["columns"] as Int64?, let rows = row["rows"] as Int64? {
            terminal = TerminalSize(columns: UInt16(clamping: columns), rows: UInt16(clamping: rows))
        }
        sizePolicy = (row["size_policy"] as String?).flatMap(SizePolicy.init(rawValue:)) ?? .writer
        if let reason = (row["exit_reason"] as String?).flatMap(ExitReason.init(rawValue:)) {
            exit = AgentExit(
                code: row["exit_code"], signal: (row["exit_signal"] as Int32?).flatMap(Signal.init(number:)),
                reason: reason)
        }
        failure = try (row["failure"] as String?).map(Self.decode)
        outputEnd = (row["output_end"] as Int64?).map { UInt64(clamping: $0) }
        missing = try Self.decode(row["missing"])
        cgroup = row["cgroup"]
        outside = row["outside"]
        usage = try (row["usage"] as String?).map(Self.decode)
        refusals = try Self.decode(row["refusals"])
    }

    func insert(into database: Database) throws {
        let columns = try fixedColumns().merging(changingColumns()) { first, _ in first }
        let names = columns.keys.sorted()
        try database.execute(
            sql: "INSERT INTO agent (\(names.joined(separator: ", "))) "
                + "VALUES (\(names.map { ":\($0)" }.joined(separator: ", ")))",
            arguments: StatementArguments(columns))
    }

    func update(in database: Database) throws {
        var columns = try changingColumns()
        let assignments = columns.keys.sorted().map { "\($0) = :\($0)" }
        columns["id"] = id.text
        try database.execute(
            sql: "UPDATE agent SET \(assignments.joined(separator: ", ")) WHERE id = :id",
            arguments: StatementArguments(columns))
    }

    private func fixedColumns() throws -> [String: (any DatabaseValueConvertible)?] {
        [
            "id": id.text, "name": name.text, "owner": owner, "launcher": launcher, "profile": profile,
            "workspace": workspace, "labels": try Self.encode(labels), "grace": grace.milliseconds,
            "created_at": createdAt.nanoseconds, "stop_signals": try Self.encode(machine.stopSignals),
            "outside": outside, "restart": try Self.encode(machine.restart),
            "columns": terminal?.columns, "rows": terminal?.rows, "size_policy": sizePolicy.rawValue,
        ]
    }

    private func changingColumns() throws -> [String: (any DatabaseValueConvertible)?] {
        var (stopGrace, stopStep, stopCause): (Int64?, Int?, String?)
        switch machine.ending {
        case .asked(let grace, let step): (stopGrace, stopStep) = (grace.milliseconds, step)
        case .forced(let cause): stopCause = cause.rawValue
        case nil: break
        }
        return [
            "state": machine.state.rawValue, "desired": machine.desired.rawValue,
            "stop_grace": stopGrace, "stop_step": stopStep, "stop_cause": stopCause,
            "started_at": startedAt?.nanoseconds, "ended_at": endedAt?.nanoseconds, "pid": pid,
            "progress": try Self.encode(machine.progress), "queued_at": queuedAt?.nanoseconds,
            "cgroup": cgroup, "init_pid": initProcess?.pid, "init_start_time": initProcess.map { Int64($0.startTime) },
            "shim_pid": shim?.pid, "shim_start_time": shim.map { Int64($0.startTime) }, "exit_code": exit?.code,
            "exit_signal": exit?.signal?.number, "exit_reason": exit?.reason.rawValue,
            "failure": try failure.map(Self.encode), "output_end": outputEnd.map { Int64(clamping: $0) },
            "missing": try Self.encode(missing), "usage": try usage.map(Self.encode),
            "refusals": try Self.encode(refusals),
        ]
    }

    private static func ending(_ row: Row) -> AgentMachine.Ending? {
        if let cause = (row["stop_cause"] as String?).flatMap(ExitRecord.Cause.init(rawValue:)) {
            return .forced(cause)
        }
        guard let step = row["stop_step"] as Int?, let grace = row["stop_grace"] as Int64? else { return nil }
        return .asked(grace: .milliseconds(grace), step: step)
    }

    private static func encode(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private static func decode<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}

extension Duration {
    /// Rounded down.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
