// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import GRDB

/// The database: what is to be remembered across the daemon's own death.
///
/// Writes are synchronous and come from the supervisor alone; each is on disk (`synchronous = FULL`) when it returns.
/// Reads of events run beside them on threads of their own.
struct Store: Sendable {
    private let pool: DatabasePool

    /// Opens or creates the database, and brings it to the present form.
    init(path: String) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        pool = try DatabasePool(path: path, configuration: configuration)
        let migrator = Migrations.all
        if try pool.read(migrator.hasBeenSuperseded) { throw NewerDatabase(path: path) }
        try migrator.migrate(pool)
    }

    /// An older daemon must not write what a newer one has laid out differently.
    struct NewerDatabase: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) was written by a newer supervisord, which has to be used with it" }
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

    /// Stores what has become of an agent, and why, in one piece.
    func update(_ agent: AgentRecord, events: [NewEvent]) throws -> UInt64 {
        try pool.write { database in
            try agent.update(in: database)
            return try Self.append(events, to: database)
        }
    }

    func delete(_ agent: AgentID, events: [NewEvent]) throws -> UInt64 {
        try pool.write { database in
            try database.execute(sql: "DELETE FROM agent WHERE id = ?", arguments: [agent.text])
            return try Self.append(events, to: database)
        }
    }

    func append(_ event: NewEvent) throws -> UInt64 {
        try pool.write { try Self.append([event], to: $0) }
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
