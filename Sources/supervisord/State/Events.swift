// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import GRDB

/// Something that has just happened, before it has a number.
struct NewEvent: Equatable, Sendable {
    let time: Timestamp
    let type: EventType
    /// The agent that it is about; nil when it is about the daemon.
    let agent: AgentID?
    /// The agent's owner.
    let owner: UInt32?
    /// Who asked for it, when someone did.
    let peer: PeerIdentity?
    let data: [String: JSONValue]
}

/// Who is at the other end of a connection, by the kernel's word.
struct PeerIdentity: Equatable, Sendable {
    let uid: UInt32
    let gid: UInt32
    let pid: Int32
    /// The program's path, where it can be read.
    let executable: String?
}

struct StoredEvent: Equatable, Sendable {
    let event: Event
    /// Nil for an event that everyone may see.
    let owner: UInt32?
}

extension StoredEvent {
    /// As this peer may know it, if it may at all. Who asked for what concerns nobody's agent is for those who see all.
    func shown(to peer: Peer) -> Event? {
        if let owner { return peer.maySee(ownedBy: owner) ? event : nil }
        var event = event
        if !peer.grant.seesAll { event.data["peer"] = nil }
        return event
    }
}

extension NewEvent {
    func insert(into database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO event (time, type, agent, owner, peer_uid, peer_pid, peer_executable, data)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                time.nanoseconds, type.rawValue, agent?.text, owner, peer?.uid, peer?.pid, peer?.executable,
                String(decoding: JSONValue.object(data).encoded(), as: UTF8.self),
            ])
    }
}

extension StoredEvent {
    init(row: Row) throws {
        var data = try JSONDecoder().decode([String: JSONValue].self, from: Data((row["data"] as String).utf8))
        if let uid = row["peer_uid"] as Int64? {
            data["peer"] = [
                "uid": .integer(uid), "pid": (row["peer_pid"] as Int64?).map { .integer($0) } ?? .null,
                "executable": (row["peer_executable"] as String?).map { .string($0) } ?? .null,
            ]
        }
        event = Event(
            seq: UInt64(row["seq"] as Int64), time: Timestamp(nanoseconds: row["time"]),
            type: EventType(rawValue: row["type"]), agent: try (row["agent"] as String?).map { try AgentID($0) },
            data: data)
        owner = row["owner"]
    }
}
