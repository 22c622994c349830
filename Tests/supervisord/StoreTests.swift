// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import GRDB
import JailPlan
import ShimProtocol
import Testing

@testable import supervisord

@Suite struct StoreTests {
    private func record(_ id: UInt128, name: String) throws -> AgentRecord {
        AgentRecord(
            id: AgentID(value: id), name: try AgentName(name), owner: 1000, launcher: "codex", profile: "base",
            workspace: "/src", labels: ["a": "b"], grace: .milliseconds(1500),
            createdAt: Timestamp(nanoseconds: 1_700_000_000_123_456_789), cgroup: "/sys/fs/cgroup/agent-x",
            outside: 600_000, machine: AgentMachine(stopSignals: [2, 15]))
    }

    private func event(_ type: EventType, _ record: AgentRecord? = nil) -> NewEvent {
        NewEvent(
            time: Timestamp(nanoseconds: 5_000_000), type: type, agent: record?.id, owner: record?.owner,
            peer: PeerIdentity(uid: 7, gid: 8, pid: 9, executable: "/bin/x"), data: ["n": 1])
    }

    @Test("what was written is there for the next daemon, although this one never closed the database")
    func reopen() async throws {
        try await withTemporaryDirectory { directory in
            let store = try Store(path: "\(directory)/db")
            var record = try record(5, name: "one")
            #expect(try store.insert(record, key: nil, events: [event(.agentCreated, record)]) == 1)
            _ = record.machine.handle(.launched(at: 77, isReady: true))
            _ = record.machine.handle(.stop(grace: .seconds(3)))
            (record.startedAt, record.pid) = (Timestamp(nanoseconds: 12), 4711)
            record.shim = ProcessIdentity(pid: 3, startTime: 4)
            #expect(
                try store.commit([StoredChange(subject: .update(record), events: [event(.agentStarted, record)])]) == 2)

            let next = try Store(path: "\(directory)/db")
            #expect(try next.agents() == [record])
            #expect(try next.newestEvent() == 2)
            withExtendedLifetime(store) {}
        }
    }

    @Test("every member of a record comes back as it was stored")
    func roundTrip() async throws {
        try await withTemporaryDirectory { directory in
            let store = try Store(path: "\(directory)/db")
            var record = try record(6, name: "two")
            _ = try store.insert(record, key: nil, events: [])
            _ = record.machine.handle(.kill)
            _ = try store.commit([StoredChange(subject: .update(record))])
            #expect(try store.agents() == [record])
            let exit = AgentExit(code: nil, signal: .kill, reason: .killed)
            _ = record.machine.handle(.ended(exit, at: 9, chance: 0))
            record.machine.stamp(Timestamp(nanoseconds: 98_000_000))
            record.exit = exit
            record.initProcess = ProcessIdentity(pid: 5, startTime: 6)
            (record.queuedAt, record.cgroup) = (Timestamp(nanoseconds: 97), "/c.2")
            record.failure = JailFailure(stage: "exec", action: "cannot", errno: "ENOENT")
            (record.endedAt, record.outputEnd) = (Timestamp(nanoseconds: 99), 1 << 40)
            record.missing = ["limits.memory"]
            record.usage = ResourceUsage()
            record.usage?.memoryEvents = ["oom_kill": 1]
            record.refusals = [SystemCallRefusal(call: "ptrace", process: "gdb", pid: 3, count: 1 << 40)]
            _ = try store.commit([StoredChange(subject: .update(record))])
            #expect(try store.agents() == [record])
        }
    }

    @Test("every write is on the disk itself when it returns")
    func synchronous() async throws {
        try await withTemporaryDirectory { directory in
            let store = try Store(path: "\(directory)/db")
            // 2 is FULL (sqlite.org/pragma.html#pragma_synchronous).
            #expect(try store.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        }
    }

    @Test("numbers that only damage can have written keep no daemon from starting")
    func damagedNumbers() async throws {
        try await withTemporaryDirectory { directory in
            let store = try Store(path: "\(directory)/db")
            _ = try store.insert(try record(9, name: "nine"), key: nil, events: [])
            for due in [Int64.min, .max] {
                var progress = AgentMachine.Progress(attempt: .max)
                (progress.due, progress.runningSince) = (due, due)
                (progress.restarts, progress.streak) = (.max, .min)
                let text = String(decoding: try CanonicalJSON.encode(progress), as: UTF8.self)
                try store.write {
                    try $0.execute(
                        sql: "UPDATE agent SET progress = ?, state = 'backoff', output_end = -1, init_pid = 1, "
                            + "init_start_time = -1", arguments: [text])
                }
                var read = try #require(try store.agents().first)
                #expect(read.nextAttemptAt != nil && read.outputEnd == 0)
                // Whatever comes next, no sum of it traps.
                _ = read.machine.handle(.due)
                _ = read.machine.handle(.admitted)
                _ = read.machine.handle(.launched(at: 5, isReady: true))
                _ = read.machine.handle(.ended(AgentExit(code: 1, signal: nil, reason: .exited), at: 6, chance: 1))
            }
        }
    }

    @Test("events keep their order and their numbers, which are never given out again")
    func events() async throws {
        try await withTemporaryDirectory { directory in
            let store = try Store(path: "\(directory)/db")
            let record = try record(7, name: "three")
            for _ in 0..<5 { _ = try store.commit([StoredChange(events: [event(.supervisorStarted)])]) }
            _ = try store.insert(record, key: nil, events: [event(.agentCreated, record)])
            let page = try await store.events(after: 3, limit: 2)
            #expect(page.map(\.event.seq) == [4, 5])
            let last = try #require(try await store.events(after: 5, limit: 10).first)
            #expect(last.owner == 1000)
            #expect(last.event.data["n"] == 1)
            #expect(last.event.data["peer"]?["pid"] == 9)
            #expect(try await store.events(after: 0, agent: record.id, limit: 9).map(\.event.seq) == [6])
            try store.forgetEvents(before: Timestamp(nanoseconds: 5_000_000))
            #expect(try await store.events(after: 0, limit: 9).count == 6)
            try store.forgetEvents(before: Timestamp(nanoseconds: 5_000_001))
            #expect(try await store.events(after: 0, limit: 9).isEmpty)
            #expect(try store.commit([StoredChange(events: [event(.supervisorStopping)])]) == 7)
        }
    }

    @Test("a request key is remembered for its agent, and for a day after")
    func requestKeys() async throws {
        try await withTemporaryDirectory { directory in
            let store = try Store(path: "\(directory)/db")
            let record = try record(8, name: "four")
            let request = AgentStart.Params(command: ["/bin/true"], requestKey: "k")
            let key = try RequestKey(uid: 1, key: "k", request: request)
            _ = try store.insert(record, key: key, events: [])
            #expect(try store.agent(startedUnder: key)?.id == record.id)
            #expect(try store.agent(startedUnder: RequestKey(uid: 2, key: "k", digest: key.digest)) == nil)
            var other = request
            other.command = ["/bin/false"]
            #expect(try RequestKey(uid: 1, key: "k", request: other).digest != key.digest)

            let later = Timestamp(nanoseconds: record.createdAt.nanoseconds + RequestKey.retention + 1)
            try store.forgetRequestKeys(now: later)
            #expect(try store.agent(startedUnder: key) != nil)
            _ = try store.commit([StoredChange(subject: .delete(record.id))])
            try store.forgetRequestKeys(now: record.createdAt)
            #expect(try store.agent(startedUnder: key) != nil)
            try store.forgetRequestKeys(now: later)
            #expect(try store.agent(startedUnder: key) == nil)
        }
    }

    @Test("a database of a newer daemon is refused and left as it is")
    func newer() async throws {
        try await withTemporaryDirectory { directory in
            let store = try Store(path: "\(directory)/db")
            try store.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 later')") }
            #expect(throws: Store.NewerDatabase.self) { try Store(path: "\(directory)/db") }
        }
    }

    @Test("two agents cannot have one name")
    func names() async throws {
        try await withTemporaryDirectory { directory in
            let store = try Store(path: "\(directory)/db")
            _ = try store.insert(try record(1, name: "same"), key: nil, events: [])
            #expect(throws: DatabaseError.self) {
                try store.insert(try record(2, name: "same"), key: nil, events: [])
            }
        }
    }
}
