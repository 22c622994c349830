// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import GRDB
import Linux

/// The database: what is to be remembered across the daemon's own death.
///
/// Writes are synchronous and come from the supervisor alone; each is on disk when it returns (`synchronous = FULL`: with
/// a log, SQLite's usual NORMAL loses what a power cut comes after).
/// Reads of events run beside them on threads of their own.
struct Store: Sendable {
    private let pool: DatabasePool

    /// Opens or creates the database, and brings it to the present form.
    init(path: String) throws {
        pool = try DatabasePool(path: path)
        // Not while a connection is prepared: GRDB sets NORMAL after that, with the log.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try pool.read { try Self.check($0, path) }
        let migrator = Migrations.all
        if try pool.read(migrator.hasBeenSuperseded) { throw NewerDatabase(path: path) }
        try migrator.migrate(pool)
    }

    /// An older daemon must not write what a newer one has laid out differently.
    struct NewerDatabase: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) was written by a newer supervisord, which has to be used with it" }
    }

    /// Looks through a database of an ordinary size whether it is whole; a very large one shows that when it is used.
    private static func check(_ database: Database, _ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size < 64 << 20 else { return }
        let findings = try String.fetchAll(database, sql: "PRAGMA quick_check(1)")
        guard findings == ["ok"] else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: findings.joined(separator: "; "))
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try pool.read(body)
    }

    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try pool.write(body)
    }

    /// All agents, oldest first.
    func agents() throws -> [AgentRecord] {
        try pool.read { try Row.fetchAll($0, sql: "SELECT * FROM agent ORDER BY id").map(AgentRecord.init(row:)) }
    }

    /// Stores a new agent together with the first events about it and the key under which it was asked for.
    ///
    /// Returns the number of the newest event.
    func insert(_ agent: AgentRecord, key: RequestKey?, events: [NewEvent]) throws -> UInt64 {
        try pool.write { database in
            try agent.insert(into: database)
            if let key {
                try database.execute(
                    sql: "INSERT INTO request_key (uid, key, agent, digest, time) VALUES (?, ?, ?, ?, ?)",
                    arguments: [
                        key.uid, key.key, agent.id.text, Int64(bitPattern: key.digest), agent.createdAt.nanoseconds,
                    ])
            }
            return try Self.append(events, to: database)
        }
    }

    /// Stores changes in their order, all of them or none. Returns the number of the newest event.
    func commit(_ changes: [StoredChange]) throws -> UInt64 {
        try pool.write { database in
            for change in changes {
                switch change.subject {
                case .update(let agent): try agent.update(in: database)
                case .delete(let agent):
                    try database.execute(sql: "DELETE FROM agent WHERE id = ?", arguments: [agent.text])
                case nil: break
                }
                for event in change.events { try event.insert(into: database) }
            }
            return try Self.newestEvent(database)
        }
    }

    /// Forgets events of before a time: from the oldest on, so that what is left has no holes.
    func forgetEvents(before time: Timestamp) throws {
        try pool.write { database in
            // Up to the first that is to be kept: after a clock was set back, times do not grow with numbers.
            try database.execute(
                sql: """
                    DELETE FROM event WHERE seq < coalesce(
                        (SELECT seq FROM event WHERE time >= ? ORDER BY seq LIMIT 1), (SELECT max(seq) + 1 FROM event))
                    """,
                arguments: [time.nanoseconds])
        }
    }

    /// Gives the next event a number above this one.
    func continueEvents(after seq: UInt64) throws {
        try pool.write { database in
            try database.execute(sql: "DELETE FROM sqlite_sequence WHERE name = 'event'")
            try database.execute(
                sql: "INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?)", arguments: [Int64(clamping: seq)])
        }
    }

    func close() throws { try pool.close() }

    private static func append(_ events: [NewEvent], to database: Database) throws -> UInt64 {
        for event in events { try event.insert(into: database) }
        return try newestEvent(database)
    }

    private static func newestEvent(_ database: Database) throws -> UInt64 {
        // Not max(seq): numbers are never given out twice, also when the newest events have been deleted.
        UInt64(try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'event'") ?? 0)
    }

    /// The number of the newest event, 0 before the first.
    func newestEvent() throws -> UInt64 {
        try pool.read(Self.newestEvent)
    }

    /// At most `limit` events after `seq`, in order; of one agent, or all.
    func events(after seq: UInt64, agent: AgentID? = nil, limit: Int) async throws -> [StoredEvent] {
        let condition = agent == nil ? "" : "AND agent = :agent"
        return try await pool.read { database in
            var arguments: StatementArguments = ["seq": Int64(clamping: seq), "limit": limit]
            if let agent { arguments += ["agent": agent.text] }
            return try Row.fetchAll(
                database, sql: "SELECT * FROM event WHERE seq > :seq \(condition) ORDER BY seq LIMIT :limit",
                arguments: arguments
            ).map(StoredEvent.init(row:))
        }
    }
}

/// What is to be stored, and why, in one piece.
struct StoredChange: Sendable {
    enum Subject: Sendable {
        case update(AgentRecord)
        case delete(AgentID)
    }

    var subject: Subject?
    var events: [NewEvent] = []
}
