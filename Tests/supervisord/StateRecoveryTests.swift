// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import GRDB
import Glibc
import Linux
import Testing

@testable import supervisord

/// What the daemon makes of a database that is damaged or gone, and of directories that no database knows.
@Suite(.timeLimit(.minutes(20))) struct StateRecoveryTests {
    enum Damage: String, CaseIterable, Sendable {
        case halved, emptied, garbage, removed

        func inflict(on path: String) throws {
            for suffix in ["-wal", "-shm"] where self != .halved { unlink(path + suffix) }
            switch self {
            case .removed: unlink(path)
            case .emptied: try check("cut", path) { truncate(path, 0) }
            case .garbage:
                let file = try Files.open(path, O_WRONLY | O_TRUNC)
                try Files.write((0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }, to: file.number)
            case .halved:
                // Through the log first, so that what is cut off is nowhere else.
                try DatabaseQueue(path: path).writeWithoutTransaction {
                    try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                }
                var status = stat()
                try check("examine", path) { stat(path, &status) }
                try check("cut", path) { truncate(path, status.st_size / 2 / 4096 * 4096) }
            }
        }
    }

    @Test(
        "a damaged database is kept aside, and all agents are known again from their directories",
        arguments: Damage.allCases)
    func damaged(_ damage: Damage) async throws {
        try await withTemporaryDirectory { directory in
            let first = try await DaemonProcess(directory)
            let (seq, running) = try await first.daemon.connect { client in
                _ = try await client.start("exit 3", ["name": "ended", "labels": ["a": "b"]])
                _ = try await client.result("agent/wait", ["agent": "ended"])
                #expect(
                    try await client.error("agent/start", ["command": ["/nowhere/program"], "name": "failed"])
                        == "jail_failed")
                _ = try await client.start(
                    "echo hello; trap 'exit 5' INT; while :; do sleep 0.1; done", ["name": "runs"])
                try await client.waitForOutput("runs")
                let seq = try #require(try await client.result("supervisor/status")["seq"]).number
                return (seq, try await client.result("agent/get", ["agent": "runs"]))
            }
            first.end(SIGKILL)
            try damage.inflict(on: first.daemon.settings.database)
            let second = try await DaemonProcess(directory)
            try await second.daemon.connect { client in
                let agents = try await client.result("agent/list")["agents"]?.elements ?? []
                #expect(agents.map { $0["name"] } == ["ended", "failed", "runs"])
                #expect(agents.map { $0["state"] } == ["exited", "failed", "running"])
                let ended = try #require(agents.first)
                #expect(ended["exit"] == ["code": 3, "signal": nil, "reason": "exited"])
                #expect(ended["labels"] == ["a": "b"] && ended["profile"] == "shell")
                let again = try await client.result("agent/get", ["agent": "runs"])
                for member in ["id", "pid", "owner", "createdAt", "output", "launcher"] {
                    #expect(again[member] == running[member], "\(member)")
                }
                #expect(try await client.result("agent/logs", ["agent": "runs"]).logText == "hello\r\n")
                let events = try await client.result("events/list")["events"]?.elements ?? []
                #expect(events.contains { $0["type"] == "supervisor.rebuilt" && $0["data"]?["agents"] == 3 })
                #expect(events.allSatisfy { ($0["seq"]?.number ?? 0) > seq })
                let stopped = try await client.result("agent/stop", ["agent": "runs"])
                #expect(stopped["exit"]?["code"] == 5)
            }
            second.end(SIGTERM)
            let aside = try Files.names(in: second.daemon.settings.stateDirectory, at: AT_FDCWD)
                .filter { $0.contains("damaged") }
            #expect(aside.isEmpty == (damage == .emptied || damage == .removed))
        }
    }

    @Test("of two directories with one name the second is left alone, and so is one that is another's")
    func sameName() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = TestDaemon(directory)
            var start: [AgentDirectory] = []
            do {
                let lock = try StateLock.take(daemon.settings.stateDirectory, mode: .user)
                defer { withExtendedLifetime(lock) {} }
                for number in 1...3 {
                    let record = try AgentRecord.sample(number)
                    let kept = StartRecord(
                        try AgentRecord.sample(number, named: "same"), AgentStart.Params(command: ["/bin/true"]))
                    let home = AgentDirectory(path: "\(daemon.settings.agentsDirectory)/\(record.id)")
                    try home.create()
                    // The third is a copy of the first's.
                    try home.record(number == 3 ? try #require(try start[0].start()) : kept)
                    start.append(home)
                }
            }
            try await daemon.run { daemon in
                try await daemon.connect { client in
                    let agents = try await client.result("agent/list")["agents"]?.elements ?? []
                    #expect(agents.map { $0["name"] } == ["same"])
                    #expect(agents.map { $0["state"] } == ["failed"])
                    // That it was to be started is kept all the same.
                    _ = try await client.result("agent/restart", ["agent": "same"])
                    #expect(try await client.result("agent/wait", ["agent": "same"])["exit"]?["code"] == 0)
                }
            }
            #expect(start.allSatisfy { access($0.path, F_OK) == 0 })
        }
    }

    @Test("what an earlier daemon had begun to remove is removed, and is not run again")
    func removal() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await DaemonProcess(directory)
            let ids = try await first.daemon.connect { client in
                _ = try await client.start("true", ["name": "ended"])
                _ = try await client.result("agent/wait", ["agent": "ended"])
                // Its end, and so that it was to be removed, may not have been stored.
                _ = try await client.start(
                    "exit 1", ["name": "waits", "restart": ["policy": "always", "initial": "1h"]])
                _ = try await client.start("true", ["name": "stays"])
                _ = try await client.result("agent/wait", ["agent": "stays"])
                return try await client.result("agent/list")["agents"]?.elements.compactMap { $0["id"]?.text } ?? []
            }
            first.end(SIGKILL)
            let agents = first.daemon.settings.agentsDirectory
            for id in ids.prefix(2) {
                try check("rename", id) { rename("\(agents)/\(id)", "\(agents)/\(id).removed") }
                try check("remove", id) { unlink("\(agents)/\(id).removed/start.json") }
            }
            try check("make", agents) { mkdir("\(agents)/\(AgentID(value: UInt128(1) << 100)).removed", 0o700) }
            let second = try await DaemonProcess(directory)
            try await second.daemon.connect { client in
                for _ in 0..<1500 where try Files.names(in: agents, at: AT_FDCWD) != [ids[2]] {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(try Files.names(in: agents, at: AT_FDCWD) == [ids[2]])
                let left = try await client.result("agent/list", ["all": true])["agents"]?.elements ?? []
                #expect(left.map { $0["name"] } == ["stays"])
                let events = try await client.result("events/list")["events"]?.elements ?? []
                let removed = events.filter { $0["type"] == "agent.removed" }
                #expect(Set(removed.compactMap { $0["data"]?["name"]?.text }) == ["ended", "waits"])
                #expect(removed.allSatisfy { $0["data"]?["reason"] == "recovery" })
            }
            second.end(SIGTERM)
        }
    }

    @Test("a directory that was being made when the daemon ended is nobody's, and goes")
    func leftover() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await DaemonProcess(directory)
            try await first.daemon.connect { client in
                _ = try await client.start("true", ["name": "a"])
                _ = try await client.result("agent/wait", ["agent": "a"])
            }
            first.end(SIGKILL)
            let orphan = AgentDirectory(
                path: "\(first.daemon.settings.agentsDirectory)/\(AgentID(value: UInt128(1) << 100))")
            try orphan.create()
            let second = try await DaemonProcess(directory)
            try await second.daemon.connect { client in
                let agents = try await client.result("agent/list")["agents"]?.elements
                #expect(agents?.map { $0["name"] } == ["a"])
            }
            #expect(access(orphan.path, F_OK) != 0)
            second.end(SIGTERM)
        }
    }
}
