// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import GRDB

/// The steps that bring a database of any earlier version to the present form. A step that has been released is never
/// edited: a change is a new step.
enum Migrations {
    static var all: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 agents, events, request keys") { database in
            // Times are nanoseconds since the epoch, durations milliseconds.
            try database.execute(
                sql: """
                    CREATE TABLE agent (
                        id TEXT PRIMARY KEY NOT NULL,
                        name TEXT NOT NULL UNIQUE,
                        owner INTEGER NOT NULL,
                        launcher TEXT NOT NULL,
                        profile TEXT NOT NULL,
                        workspace TEXT,
                        labels TEXT NOT NULL,
                        grace INTEGER NOT NULL,
                        created_at INTEGER NOT NULL,
                        state TEXT NOT NULL,
                        desired TEXT NOT NULL,
                        stop_signals TEXT NOT NULL,
                        stop_grace INTEGER,
                        stop_step INTEGER,
                        stop_cause TEXT,
                        started_at INTEGER,
                        ended_at INTEGER,
                        pid INTEGER,
                        shim_pid INTEGER,
                        shim_start_time INTEGER,
                        exit_code INTEGER,
                        exit_signal INTEGER,
                        exit_reason TEXT,
                        failure TEXT,
                        output_end INTEGER,
                        missing TEXT NOT NULL
                    ) STRICT;

                    -- Who did what: only ever appended to. The owner is the agent's, so that an event is shown to
                    -- whoever could see the agent, also when that is gone.
                    CREATE TABLE event (
                        seq INTEGER PRIMARY KEY AUTOINCREMENT,
                        time INTEGER NOT NULL,
                        type TEXT NOT NULL,
                        agent TEXT,
                        owner INTEGER,
                        peer_uid INTEGER,
                        peer_pid INTEGER,
                        peer_executable TEXT,
                        data TEXT NOT NULL
                    ) STRICT;
                    CREATE INDEX event_agent ON event (agent, seq);

                    CREATE TABLE request_key (
                        uid INTEGER NOT NULL,
                        key TEXT NOT NULL,
                        agent TEXT NOT NULL,
                        -- Of the request without its key: a digest, since the request may hold secrets.
                        digest INTEGER NOT NULL,
                        time INTEGER NOT NULL,
                        PRIMARY KEY (uid, key)
                    ) STRICT;
                    """)
        }
        migrator.registerMigration("2 cgroups, identities, usage, refused calls") { database in
            for column in ["cgroup TEXT", "outside INTEGER", "usage TEXT", "refusals TEXT NOT NULL DEFAULT '[]'"] {
                try database.execute(sql: "ALTER TABLE agent ADD COLUMN \(column)")
            }
        }
        migrator.registerMigration("3 restarts, queue, terminals") { database in
            for column in [
                // JSON: RestartPolicy, and AgentMachine.Progress. NULL for agents that earlier versions started.
                "restart TEXT", "progress TEXT", "queued_at INTEGER", "columns INTEGER", "rows INTEGER",
                "init_pid INTEGER", "init_start_time INTEGER",
            ] {
                try database.execute(sql: "ALTER TABLE agent ADD COLUMN \(column)")
            }
        }
        migrator.registerMigration("4 names are each owner's own") { database in
            // SQLite cannot take a constraint off a table: it has to be made anew (lang_altertable.html, section 7).
            let table = try String.fetchOne(
                database, sql: "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'agent'")
            guard let table, table.contains("name TEXT NOT NULL UNIQUE,"), let end = table.lastIndex(of: ")") else {
                throw DatabaseError(message: "the table of agents is not as earlier versions made it")
            }
            let columns = table[..<end].replacing("name TEXT NOT NULL UNIQUE,", with: "name TEXT NOT NULL,")
                .drop { $0 != "(" }
            try database.execute(
                sql: """
                    CREATE TABLE agent_anew \(columns), UNIQUE (owner, name)) STRICT;
                    INSERT INTO agent_anew SELECT * FROM agent;
                    DROP TABLE agent;
                    ALTER TABLE agent_anew RENAME TO agent;
                    """)
        }
        return migrator
    }
}
