// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import Linux
import Testing

@testable import supervisord

/// Agents that are run again, by themselves and by request.
@Suite(.timeLimit(.minutes(20))) struct RestartTests: WithTestDaemon {
    private static let quick: JSONValue = ["policy": "on-failure", "initial": "50ms", "jitter": 0]

    @Test("an agent that fails is run again until it succeeds, and its output goes on where it was")
    func restart() async throws {
        try await withWorkspace { daemon, work in
            try await daemon.connect { client in
                let command =
                    "n=$(cat n 2>/dev/null || echo 0); echo $((n+1)) > n; echo attempt $n; [ $n = 2 ] || exit 7"
                _ = try await client.result("events/subscribe")
                _ = try await client.start(
                    command, ["name": "r", "restart": Self.quick, "workspace": .string(work), "tty": false])
                let ended = try await client.result("agent/wait", ["agent": "r"])
                #expect(ended["exit"] == ["code": 0, "signal": nil, "reason": "exited"])
                #expect(ended["attempt"] == 3)
                #expect(ended["restarts"] == 2)
                #expect(ended["exits"]?.elements.map { $0["exit"]?["code"] } == [7, 7, 0])
                let logs = try await client.result("agent/logs", ["agent": "r"])
                #expect(logs.logText == "attempt 0\nattempt 1\nattempt 2\n")
                #expect(logs["eof"] == true)
                let types = try await client.result("events/list", ["agent": "r"])["events"]?.elements
                    .compactMap { $0["type"]?.text }
                let again = ["agent.exited", "agent.backoff", "agent.starting", "agent.started"]
                #expect(types == ["agent.created", "agent.started"] + again + again + ["agent.exited"])
            }
        }
    }

    @Test("a client that is attached sees all attempts in one stream")
    func attached() async throws {
        try await withWorkspace { daemon, work in
            try await daemon.connect { client in
                _ = try await client.start(
                    "sleep 0.3; echo x >> n; wc -l < n; [ $(wc -l < n) -gt 2 ]",
                    ["name": "a", "restart": Self.quick, "workspace": .string(work), "tty": false])
                let (text, reason) = try await client.attached(["agent": "a"])
                #expect(text == "1\n2\n3\n")
                #expect(reason == "eof")
            }
        }
    }

    @Test("beyond the limit the agent has failed, and says with which ends")
    func limit() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start(
                    "exit 4", ["name": "l", "restart": ["policy": "always", "initial": "10ms", "limit": 2]])
                let ended = try await client.result("agent/wait", ["agent": "l"])
                #expect(ended["state"] == "failed")
                #expect(ended["attempt"] == 3)
                #expect(ended["failure"]?.text?.contains("exited with 4, exited with 4, exited with 4") == true)
                #expect(ended["exit"]?["code"] == 4)
            }
        }
    }

    @Test("an agent in backoff says when it goes on, and can be stopped at once")
    func backoff() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start(
                    "exit 4", ["name": "b", "restart": ["policy": "always", "initial": "1h", "max": "1h"]])
                let waiting = try await client.until("b", "backoff")
                let next = try Timestamp(try #require(waiting["nextAttemptAt"]?.text))
                #expect(next > Timestamp.now() && waiting["endedAt"] != .null)
                let stopped = try await client.result("agent/stop", ["agent": "b"])
                #expect(stopped["state"] == "exited" && stopped["desired"] == "stopped")
                #expect(stopped["exit"]?["code"] == 4)
            }
        }
    }

    @Test("an agent in backoff is run again under the next daemon, once")
    func backoffAcrossDaemons() async throws {
        try await withTemporaryDirectory { directory in
            mkdir("\(directory)/work", 0o755)
            let first = try await DaemonProcess(directory)
            try await first.daemon.connect { client in
                _ = try await client.start(
                    "echo x >> n; [ $(wc -l < n) = 2 ] && sleep 600; exit 4",
                    [
                        "name": "b", "workspace": .string("\(directory)/work"),
                        "restart": ["policy": "always", "initial": "1s", "jitter": 0],
                    ])
                _ = try await client.until("b", "backoff")
            }
            first.end(SIGKILL)
            let second = try await DaemonProcess(directory)
            try await second.daemon.connect { client in
                let agent = try await client.until("b", "running")
                #expect(agent["attempt"] == 2 && agent["restarts"] == 1)
                _ = try await client.result("agent/kill", ["agent": "b"])
            }
            second.end(SIGTERM)
        }
    }

    @Test("a shim that is killed is no end of an agent that is to be run again, and nothing runs twice")
    func killedShim() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                let agent = try await client.start("sleep 600", ["name": "k", "restart": Self.quick])
                let pid = Int32(try #require(agent["pid"]).number)
                let shim = try await daemon.shim(of: agent)
                kill(shim, SIGKILL)
                let again = try await client.until("k", "running") { $0["attempt"] == 2 }
                #expect(again["exits"]?.elements.first?["exit"]?["reason"] == "lost")
                #expect(again["pid"] != agent["pid"])
                #expect(kill(pid, 0) != 0)
            }
        }
    }

    @Test("a restart by request runs an ended agent again, and a running one once it has ended")
    func restartByRequest() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start("echo hi; exit 3", ["name": "e", "tty": false])
                _ = try await client.result("agent/wait", ["agent": "e"])
                let again = try await client.result("agent/restart", ["agent": "e"])
                #expect(again["desired"] == "running" && again["attempt"] == 2)
                let ended = try await client.result("agent/wait", ["agent": "e"])
                #expect(ended["exit"]?["code"] == 3)
                #expect(try await client.result("agent/logs", ["agent": "e"]).logText == "hi\nhi\n")
                _ = try await client.start("trap 'exit 0' INT; while :; do sleep 0.05; done", ["name": "r"])
                let running = try await client.result("agent/restart", ["agent": "r"])
                #expect(running["state"] == "running" && running["attempt"] == 2)
                #expect(running["exit"] == .null)
                #expect(try await client.result("agent/kill", ["agent": "r"])["exit"]?["reason"] == "killed")
                #expect(try await client.error("agent/restart", ["agent": "none"]) == "agent_not_found")
            }
        }
    }

    @Test("a removal and a restart at once leave an agent that is removed and does not run")
    func removedWhileRestarted() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                for round in 0..<6 {
                    let name = "r\(round)"
                    let agent = try await client.start(
                        round % 2 == 0 ? "trap 'exit 0' INT; while :; do sleep 0.05; done" : "true",
                        ["name": .string(name)])
                    if round % 2 == 1 { _ = try await client.result("agent/wait", ["agent": .string(name)]) }
                    try await client.send(
                        #"{"jsonrpc":"2.0","id":1,"method":"agent/restart","params":{"agent":"\#(name)"}}"#)
                    try await client.send(
                        #"{"jsonrpc":"2.0","id":2,"method":"agent/remove","params":{"agent":"\#(name)","force":true}}"#)
                    var answered: Set<Int64> = []
                    while answered.count < 2, let line = try await client.notification() {
                        if let id = line["id"]?.number { answered.insert(Int64(id)) }
                    }
                    #expect(try await client.error("agent/get", ["agent": agent["id"] ?? .null]) == "agent_not_found")
                }
                #expect(try await client.result("agent/list") == ["agents": []])
            }
        }
    }

    @Test("a stop that a restart turns around is answered when the agent has ended, and the agent runs again")
    func killedWhileRestarted() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start("while :; do sleep 0.05; done", ["name": "r"])
                try await client.send(#"{"jsonrpc":"2.0","id":1,"method":"agent/stop","params":{"agent":"r"}}"#)
                try await client.send(#"{"jsonrpc":"2.0","id":2,"method":"agent/restart","params":{"agent":"r"}}"#)
                var answered: Set<Int64> = []
                while answered.count < 2, let line = try await client.notification() {
                    if let id = line["id"]?.number { answered.insert(Int64(id)) }
                }
                #expect(answered == [1, 2])
            }
        }
    }

    @Test("a paused agent whose stop begins while it is being paused hears it all the same")
    func stoppedWhilePaused() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                for round in 0..<4 {
                    let name = "p\(round)"
                    _ = try await client.start(
                        "trap 'exit 7' INT TERM HUP; echo ready; while :; do sleep 0.05; done", ["name": .string(name)])
                    try await client.waitForOutput(.string(name))
                    try await client.send(
                        #"{"jsonrpc":"2.0","id":1,"method":"agent/pause","params":{"agent":"\#(name)"}}"#)
                    let ended = try await client.result("agent/stop", ["agent": .string(name), "grace": "20s"])
                    #expect(ended["exit"] == ["code": 7, "signal": nil, "reason": "stopped"])
                }
            }
        }
    }
}
