// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import Linux
import Profiles
import Testing

@testable import supervisord

/// Restarts, readiness, timeouts, queue and pause, of real agents.
@Suite(.timeLimit(.minutes(20))) struct SupervisionTests {
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

    // MARK: - Readiness and timeouts

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
                _ = try await client.result(
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

    // MARK: - Support

    private func withDaemon(_ body: @escaping @Sendable (TestDaemon) async throws -> Void) async throws {
        try await withTemporaryDirectory { try await run(TestDaemon($0), body) }
    }

    /// Whatever becomes of the test, no agent of its is left to keep the machine busy.
    private func run(
        _ daemon: TestDaemon, _ body: @escaping @Sendable (TestDaemon) async throws -> Void
    ) async throws {
        try await daemon.run { daemon in
            do {
                try await body(daemon)
            } catch {
                Issue.record("\(error)")
            }
            try await daemon.connect { client in
                for agent in try await client.result("agent/list")["agents"]?.elements ?? [] {
                    _ = try await client.result("agent/remove", ["agent": agent["id"] ?? .null, "force": true])
                }
            }
        }
    }

    private func withWorkspace(
        _ body: @escaping @Sendable (TestDaemon, String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            mkdir("\(directory)/work", 0o755)
            try await run(TestDaemon(directory)) { try await body($0, "\(directory)/work") }
        }
    }

    /// With launchers that say how their agents show that they are ready.
    private func withLaunchers(_ body: @escaping @Sendable (TestDaemon) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let launchers = "\(directory)/launchers"
            mkdir(launchers, 0o755)
            let head = "profile: shell\narguments: [/bin/sh, -c, \"${arguments}\"]\ntty: false\ninput: true\n"
            for (name, ready) in [
                ("server", #"{line: "ready *"}"#),
                ("rpc", #"{request: '{"id":0,"method":"initialize"}', json: {id: "0", result: "*"}}"#),
            ] {
                let file = try Files.open("\(launchers)/\(name).yaml", O_WRONLY | O_CREAT)
                try Files.write(Array((head + "ready: \(ready)\n").utf8), to: file.number)
            }
            var daemon = TestDaemon(directory)
            daemon.configuration.planner = daemon.configuration.planner.looking(in: launchers)
            try await run(daemon, body)
        }
    }

    /// The profile `shell` with the host's network.
    private func hostNetwork(_ daemon: TestDaemon) throws -> String {
        let path = "\(daemon.settings.stateDirectory)/host-network.yaml"
        let file = try Files.open(path, O_WRONLY | O_CREAT)
        try Files.write(Array("extends: shell\nnetwork: {mode: host}\n".utf8), to: file.number)
        return path
    }
}

extension RawClient {
    /// Asks for an agent until it is in this state, and as the condition says; fails in half a minute.
    func until(
        _ name: String, _ state: String, _ condition: (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        var agent: JSONValue = .null
        for _ in 0..<1500 {
            agent = try await result("agent/get", ["agent": .string(name)])
            if agent["state"]?.text == state, condition(agent) { return agent }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("\(name) does not become \(state): \(agent)")
        return agent
    }
}

extension TestDaemon {
    /// The keeper of a running agent: the parent of its jail's first process.
    func shim(of agent: JSONValue) async throws -> Int32 {
        func parent(_ pid: Int32) throws -> Int32 {
            try #require(ProcessStat.read(pid).flatMap(ProcessStat.init)).parent
        }
        return try parent(try parent(Int32(try #require(agent["pid"]).number)))
    }
}

extension AgentPlanner {
    func looking(in launchers: String) -> AgentPlanner {
        AgentPlanner(
            profiles: profiles, launchers: LauncherLibrary(directories: [launchers]), programs: programs,
            searchPath: searchPath, hidden: hidden, defaultProfile: defaultProfile)
    }
}

/// Takes one connection on loopback, and answers when it is told to.
final class QuietServer: Sendable {
    private let socket: OwnedDescriptor
    let port: UInt16

    init() throws {
        socket = OwnedDescriptor(
            owning: try check("open a socket") { Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) })
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = socket.number
        port = try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                try check("bind") { bind(number, pointer, length) }
                try check("listen") { listen(number, 4) }
                try check("ask for the port") { getsockname(number, pointer, &length) }
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
    }

    func answer() throws {
        let connection = OwnedDescriptor(owning: try check("accept") { accept(socket.number, nil, nil) })
        try Files.write([1], to: connection.number)
    }
}
