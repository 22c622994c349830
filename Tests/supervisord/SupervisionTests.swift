// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import GRDB
import Glibc
import Linux
import Profiles
import Testing

@testable import supervisord

/// Readiness, timeouts, queue, pause and drain, of real agents.
@Suite(.timeLimit(.minutes(20))) struct SupervisionTests: WithTestDaemon {
    @Test("an agent is ready when its launcher's sign has come, and one that never is has failed to start")
    func readiness() async throws {
        try await withLaunchers { daemon in
            try await daemon.connect { client in
                let agent = try await client.result(
                    "agent/start",
                    ["launcher": "server", "arguments": ["echo begun; read x; echo ready 1; sleep 600"], "name": "s"])
                #expect(agent["state"] == "running" && agent["ready"] == false)
                _ = try await client.result("agent/input", ["agent": "s", "data": "\n"])
                _ = try await client.until("s", "running") { $0["ready"] == true }
                _ = try await client.result("agent/kill", ["agent": "s"])
                // Where the machine is busy, not even its program may run in time.
                _ = try await client.call(
                    "agent/start",
                    [
                        "launcher": "server", "arguments": ["echo almost; sleep 600"], "name": "never",
                        "timeouts": ["start": "400ms", "grace": "50ms"],
                    ])
                let failed = try await client.result("agent/wait", ["agent": "never"])
                #expect(failed["state"] == "failed")
                #expect(failed["exit"]?["reason"] == "start_time")
                #expect(failed["failure"]?.text?.contains("not ready") == true)
            }
        }
    }

    @Test("an agent that is asked whether it is ready is ready once it answers")
    func answeredRequest() async throws {
        try await withLaunchers { daemon in
            try await daemon.connect { client in
                let script = #"read l; read go; case $l in *initialize*) echo '{"id":0,"result":{}}';; esac; sleep 600"#
                let agent = try await client.result(
                    "agent/start", ["launcher": "rpc", "arguments": [.string(script)], "name": "s"])
                #expect(agent["ready"] == false)
                _ = try await client.result("agent/input", ["agent": "s", "data": "\n"])
                _ = try await client.until("s", "running") { $0["ready"] == true }
                #expect(
                    try await client.result("events/list", ["agent": "s"])["events"]?.elements
                        .contains { $0["type"] == "agent.ready" } == true)
            }
        }
    }

    @Test("an agent that does nothing is ended as idle; one that works, writes or waits for an answer is not")
    func idle() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                let server = try QuietServer()
                let idle: JSONValue = ["idle": "1s", "grace": "50ms"]
                _ = try await client.start("echo hello; sleep 600", ["name": "idle", "timeouts": idle])
                _ = try await client.start("while :; do :; done", ["name": "busy", "timeouts": idle])
                _ = try await client.start("while sleep 0.3; do echo x; done", ["name": "talks", "timeouts": idle])
                _ = try await client.start(
                    "exec python3 -c 'import socket, time; s = socket.create_connection((\"127.0.0.1\", \(server.port))); "
                        + "s.send(b\"question\"); s.recv(1)'",
                    ["name": "waits", "timeouts": idle, "profile": .string(try hostNetwork(daemon))])
                let ended = try await client.result("agent/wait", ["agent": "idle", "timeout": "60s"])
                #expect(ended["exit"]?["reason"] == "idle")
                // Longer than it takes to find one idle, by what it took here.
                try await Task.sleep(for: .seconds(3))
                for name in ["busy", "talks", "waits"] {
                    #expect(
                        try await client.result("agent/get", ["agent": .string(name)])["state"] == "running", "\(name)")
                }
                // Answered, it has nothing to wait for; this one ends then.
                try server.answer()
                #expect(try await client.result("agent/wait", ["agent": "waits"])["exit"]?["code"] == 0)
            }
        }
    }

    @Test("an agent that is stopped while no daemon is there ends when its grace is over")
    func graceWithoutDaemon() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await DaemonProcess(directory)
            let pid = try await first.daemon.connect { client in
                let agent = try await client.start(
                    "trap '' INT TERM HUP; echo ready; while :; do sleep 0.05; done", ["name": "s"])
                try await client.waitForOutput("s")
                try await client.send(
                    #"{"jsonrpc":"2.0","id":1,"method":"agent/stop","params":{"agent":"s","grace":"5s"}}"#)
                _ = try await client.until("s", "stopping")
                return Int32(try #require(agent["pid"]).number)
            }
            first.end(SIGKILL)
            for _ in 0..<600 where kill(pid, 0) == 0 { try await Task.sleep(for: .milliseconds(50)) }
            #expect(kill(pid, 0) != 0)
            let second = try await DaemonProcess(directory)
            try await second.daemon.connect { client in
                let ended = try await client.result("agent/wait", ["agent": "s", "timeout": "60s"])
                #expect(ended["exit"] == ["code": nil, "signal": "SIGKILL", "reason": "stopped"])
            }
            second.end(SIGTERM)
        }
    }

    // MARK: - Queue and pause

    @Test("as many agents run as may, the rest wait in turn, also under the next daemon")
    func queue() async throws {
        try await withTemporaryDirectory { directory in
            var first = TestDaemon(directory)
            first.configuration.limits.running = 1
            let limited = first
            try await limited.run { daemon in
                try await daemon.connect { client in
                    _ = try await client.start("sleep 600", ["name": "a"])
                    for name in ["b", "c"] {
                        let agent = try await client.start("sleep 600", ["name": .string(name)])
                        #expect(agent["state"] == "queued" && agent["attempt"] == 1 && agent["startedAt"] == .null)
                    }
                    let list = try await client.result("agent/list")["agents"]?.elements
                    #expect(list?.map { $0["queuePosition"] } == [.null, 1, 2])
                    #expect(try await client.error("agent/pause", ["agent": "b"]) == "invalid_state")
                }
            }
            try await limited.run { daemon in
                try await daemon.connect { client in
                    #expect(try await client.result("agent/get", ["agent": "b"])["state"] == "queued")
                    _ = try await client.result("agent/kill", ["agent": "a"])
                    _ = try await client.until("b", "running")
                    #expect(try await client.result("agent/get", ["agent": "c"])["queuePosition"] == 1)
                    // One that waits can be stopped, and never runs then.
                    let stopped = try await client.result("agent/stop", ["agent": "c"])
                    #expect(stopped["state"] == "exited" && stopped["exit"] == .null && stopped["startedAt"] == .null)
                    _ = try await client.result("agent/kill", ["agent": "b"])
                }
            }
        }
    }

    @Test("so many agents of one user may wait, and no more")
    func queueLimit() async throws {
        try await withTemporaryDirectory { directory in
            var daemon = TestDaemon(directory)
            daemon.configuration.limits.running = 1
            daemon.configuration.limits.queuedPerOwner = 2
            try await run(daemon) { daemon in
                try await daemon.connect { client in
                    for name in ["a", "b", "c"] { _ = try await client.start("sleep 600", ["name": .string(name)]) }
                    let answer = try await client.call("agent/start", ["command": ["/bin/true"], "name": "d"])
                    #expect(answer["error"]?["data"]?["limit"] == "queued_per_owner")
                    #expect(try await client.error("agent/get", ["agent": "d"]) == "agent_not_found")
                }
            }
        }
    }

    @Test("what cannot be stored is not started, can be stopped all the same, and is started when it can be stored")
    func unstored() async throws {
        try await withTemporaryDirectory { directory in
            var daemon = TestDaemon(directory)
            daemon.configuration.limits.running = 2
            try await run(daemon) { daemon in
                try await daemon.connect { client in
                    for name in ["a", "b"] {
                        _ = try await client.start("read x", ["name": .string(name)])
                    }
                    for name in ["c", "d"] {
                        #expect(try await client.start("sleep 600", ["name": .string(name)])["state"] == "queued")
                    }
                    // As good as a full disk: every write fails at once.
                    var keepsOpen = GRDB.Configuration()
                    keepsOpen.allowsUnsafeTransactions = true
                    let other = try DatabaseQueue(path: daemon.settings.database, configuration: keepsOpen)
                    try await other.writeWithoutTransaction { database in
                        try database.execute(sql: "BEGIN IMMEDIATE")
                    }
                    for name in ["a", "b"] {
                        _ = try await client.result("agent/input", ["agent": .string(name), "data": "\n"])
                        _ = try await client.result("agent/wait", ["agent": .string(name)])
                    }
                    try await Task.sleep(for: .milliseconds(300))
                    let agents = try await client.result("agent/list")["agents"]?.elements.suffix(2) ?? []
                    #expect(agents.allSatisfy { $0["pid"] == .null && $0["startedAt"] == .null }, "\(agents)")
                    #expect((try await client.result("supervisor/status")["unstored"]?.number ?? 0) > 0)
                    #expect(try await client.error("agent/start", ["command": ["/bin/true"]]) == "limit_reached")
                    let stopped = try await client.result("agent/stop", ["agent": "c"])
                    #expect(stopped["desired"] == "stopped" && stopped["pid"] == .null)
                    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
                    _ = try await client.until("d", "running")
                    #expect(try await client.result("supervisor/status")["unstored"] == 0)
                }
            }
        }
    }

    @Test("a paused agent stands still, also under the next daemon, and goes on when it is resumed")
    func pause() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await DaemonProcess(directory)
            try await first.daemon.connect { client in
                _ = try await client.start(
                    "while sleep 0.05; do echo x; done", ["name": "p", "timeouts": ["wall": "1h", "idle": "1h"]])
                try await client.waitForOutput("p")
                let paused = try await client.result("agent/pause", ["agent": "p"])
                #expect(paused["state"] == "paused")
                #expect(try await client.result("agent/pause", ["agent": "p"])["state"] == "paused")
            }
            first.end(SIGKILL)
            let second = try await DaemonProcess(directory)
            try await second.daemon.connect { client in
                let before = try await client.result("agent/get", ["agent": "p"])
                #expect(before["state"] == "paused")
                try await Task.sleep(for: .milliseconds(500))
                let after = try await client.result("agent/get", ["agent": "p"])
                #expect(after["output"]?["end"] == before["output"]?["end"])
                #expect(try await client.result("agent/resume", ["agent": "p"])["state"] == "running")
                let end = try #require(after["output"]?["end"]).number
                _ = try await client.until("p", "running") { ($0["output"]?["end"]?.number ?? 0) > end }
                // One that is paused hears a stop all the same.
                _ = try await client.result("agent/pause", ["agent": "p"])
                #expect(try await client.result("agent/stop", ["agent": "p"])["exit"]?["reason"] == "stopped")
                let events = try await client.result("events/list", ["agent": "p"])["events"]?.elements
                let pauses = events?.filter { $0["type"] == "agent.paused" }
                #expect(pauses?.count == 2 && pauses?.allSatisfy { $0["data"]?["peer"]?["uid"] != nil } == true)
            }
            second.end(SIGTERM)
        }
    }

    @Test("a daemon that is drained starts nothing new, and says when the last agent has ended")
    func drain() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start("sleep 600", ["name": "a"])
                let begun = try await client.result("supervisor/drain", ["wait": false])
                #expect(begun == ["draining": true, "running": 1])
                #expect(try await client.error("agent/start", ["command": ["/bin/true"]]) == "draining")
                #expect(try await client.result("supervisor/status")["draining"] == true)
                try await client.send(#"{"jsonrpc":"2.0","id":77,"method":"supervisor/drain","params":{}}"#)
                _ = try await client.result("agent/kill", ["agent": "a"])
                while let line = try await client.notification() {
                    guard line["id"] == 77 else { continue }
                    #expect(line["result"] == ["draining": true, "running": 0])
                    break
                }
                _ = try await client.result("supervisor/drain", ["enabled": false])
                _ = try await client.start("sleep 600", ["name": "c"])
                // Whoever waits hears that it was taken back.
                try await client.send(#"{"jsonrpc":"2.0","id":78,"method":"supervisor/drain","params":{}}"#)
                try await Task.sleep(for: .milliseconds(100))
                _ = try await client.result("supervisor/drain", ["enabled": false])
                while let line = try await client.notification() {
                    guard line["id"] == 78 else { continue }
                    #expect(line["result"] == ["draining": false, "running": 1])
                    break
                }
                _ = try await client.start("true", ["name": "b"])
            }
        }
    }
}
