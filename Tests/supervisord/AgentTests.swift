// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import Linux
import Testing

@testable import supervisord

/// Real agents in real jails, through the socket of a daemon in this process.
@Suite(.timeLimit(.minutes(20))) struct AgentTests {
    @Test("an agent's output arrives live and again from the log, and its exit code is kept")
    func life() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                let agent = try await client.start("stty -echo; echo one; read x; echo two; exit 3", ["name": "life"])
                #expect(agent["state"] == "running")
                #expect(agent["name"] == "life")
                #expect(agent["profile"] == "shell")
                try await client.waitForOutput("life")
                _ = try await client.result("agent/attach", ["agent": "life"])
                _ = try await client.result("agent/input", ["agent": "life", "data": "\n"])
                let (text, reason) = try await client.streamed()
                #expect(text == "one\r\ntwo\r\n")
                #expect(reason == "eof")
                let ended = try await client.result("agent/wait", ["agent": "life"])
                #expect(ended["exit"] == ["code": 3, "signal": nil, "reason": "exited"])
                #expect(ended["output"] == ["start": 0, "end": 10])
                let logs = try await client.result("agent/logs", ["agent": "life"])
                #expect(logs["eof"] == true)
                #expect(logs["next"] == 10)
                #expect(logs.logText == "one\r\ntwo\r\n")
            }
        }
    }

    @Test("log answers of any size follow on from each other, and no character is split")
    func pages() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start(
                    "i=0; while [ $i -lt 3000 ]; do echo \"héllo wörld €$i\"; i=$((i+1)); done", ["name": "p"])
                let end = try #require(try await client.result("agent/wait", ["agent": "p"])["output"]?["end"])
                for limit in [1, 7, 100_000] as [Int64] {
                    var next: JSONValue =
                        limit == 1 ? .integer(end.number - 40) : limit == 7 ? .integer(end.number - 900) : 0
                    var text = ""
                    while true {
                        let page = try await client.result(
                            "agent/logs", ["agent": "p", "since": next, "limit": .integer(limit)])
                        text += page.logText
                        if limit > 4 { #expect(page.isAllText) }
                        next = try #require(page["next"])
                        if page["eof"] == true { break }
                    }
                    #expect(next == end)
                    if limit == 100_000 { #expect(text.hasPrefix("héllo wörld €0\r\n")) }
                    #expect(limit == 1 || text.hasSuffix("héllo wörld €2999\r\n"))
                }
                let tail = try await client.result("agent/logs", ["agent": "p", "tail": ["lines": 2]])
                #expect(tail.logText == "héllo wörld €2998\r\nhéllo wörld €2999\r\n")
                let early = try await client.result("agent/logs", ["agent": "p", "until": 3])
                #expect(early["next"] == 3)
            }
        }
    }

    @Test("a stop sends INT and TERM and in the end kills; the exit says that it was stopped")
    func stop() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start(
                    "trap 'exit 7' INT; echo ready; while :; do sleep 0.05; done", ["name": "polite"])
                try await client.waitForOutput("polite")
                let polite = try await client.result("agent/stop", ["agent": "polite", "grace": "20s"])
                #expect(polite["exit"] == ["code": 7, "signal": nil, "reason": "stopped"])
                #expect(polite["desired"] == "stopped")
                _ = try await client.start(
                    "trap '' INT TERM HUP; echo ready; while :; do sleep 0.05; done", ["name": "stubborn"])
                try await client.waitForOutput("stubborn")
                let stubborn = try await client.result("agent/stop", ["agent": "stubborn", "grace": "300ms"])
                #expect(stubborn["exit"]?["reason"] == "stopped")
                #expect(stubborn["exit"]?["signal"] == "SIGKILL")
                // Stopping what has ended is no error.
                #expect(try await client.result("agent/stop", ["agent": "polite"])["exit"] == polite["exit"])
            }
        }
    }

    @Test("a kill ends an agent that has detached itself and ignores every signal")
    func kill() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start(
                    "(setsid sh -c 'trap \"\" TERM INT HUP; exec >/dev/null 2>&1 </dev/null; sleep 600' &) ; echo ready; sleep 600",
                    ["name": "k"])
                try await client.waitForOutput("k")
                let killed = try await client.result("agent/kill", ["agent": "k"])
                #expect(killed["exit"]?["reason"] == "killed")
                #expect(killed["state"] == "exited")
            }
        }
    }

    @Test("input, resize and signals reach the agent, in the order in which they were sent")
    func input() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start("stty -echo; echo ready; exec cat", ["name": "cat"])
                try await client.waitForOutput("cat")
                for number in 0..<50 {
                    try await client.send(
                        #"{"jsonrpc":"2.0","id":"i\#(number)","method":"agent/input","params":{"agent":"cat","data":"line \#(number)\n"}}"#
                    )
                }
                #expect(try await client.result("agent/input", ["agent": "cat", "keys": ["ctrl-d"]])["accepted"] == 1)
                #expect(try await client.result("agent/wait", ["agent": "cat"])["exit"]?["code"] == 0)
                let text = try await client.result("agent/logs", ["agent": "cat"]).logText
                #expect(text == "ready\r\n" + (0..<50).map { "line \($0)\r\n" }.joined())

                _ = try await client.start(
                    "trap 'stty size; exit 4' USR1; echo ready; while :; do sleep 0.05; done", ["name": "size"])
                try await client.waitForOutput("size")
                _ = try await client.result("agent/resize", ["agent": "size", "columns": 123, "rows": 45])
                _ = try await client.result("agent/signal", ["agent": "size", "signal": "SIGUSR1"])
                #expect(try await client.result("agent/wait", ["agent": "size"])["exit"]?["code"] == 4)
                #expect(try await client.result("agent/logs", ["agent": "size"]).logText.hasSuffix("45 123\r\n"))
                #expect(try await client.error("agent/input", ["agent": "size", "data": "x"]) == "invalid_state")
            }
        }
    }

    @Test("a wait can time out, be cancelled, or be left by hanging up, and the agent does not notice")
    func wait() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start("sleep 600", ["name": "w"])
                #expect(try await client.error("agent/wait", ["agent": "w", "timeout": "50ms"]) == "timed_out")
                try await client.send(#"{"jsonrpc":"2.0","id":"wait","method":"agent/wait","params":{"agent":"w"}}"#)
                try await client.send(#"{"jsonrpc":"2.0","id":"stop","method":"rpc.cancel","params":{"id":"wait"}}"#)
                var answers: [JSONValue: JSONValue] = [:]
                while answers.count < 2, let line = try await client.line() { answers[line["id"] ?? .null] = line }
                #expect(answers["wait"]?["error"]?["data"]?["error"] == "cancelled")
                #expect(answers["stop"]?["result"] == [:])
                try await daemon.connect { other in
                    try await other.send(#"{"jsonrpc":"2.0","id":1,"method":"agent/wait","params":{"agent":"w"}}"#)
                    try await other.hangUp()
                }
                #expect(try await client.result("agent/get", ["agent": "w"])["state"] == "running")
                _ = try await client.result("agent/remove", ["agent": "w", "force": true])
            }
        }
    }

    @Test("names and request keys: taken, retried, free again after removal")
    func names() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                let first = try await client.start("sleep 600", ["name": "n", "requestKey": "key"])
                let again = try await client.start("sleep 600", ["name": "n", "requestKey": "key"])
                #expect(again["id"] == first["id"])
                let command: JSONValue = ["/bin/sh", "-c", "true"]
                #expect(
                    try await client.error("agent/start", ["command": command, "name": "n", "requestKey": "key"])
                        == "invalid_params")
                #expect(try await client.error("agent/start", ["command": command, "name": "n"]) == "name_taken")
                #expect(try await client.error("agent/remove", ["agent": "n"]) == "invalid_state")
                let prefix = try #require(first["id"]?.text?.prefix(24))
                #expect(try await client.result("agent/get", ["agent": .string(String(prefix))])["name"] == "n")
                #expect(try await client.result("agent/remove", ["agent": "n", "force": true]) == [:])
                #expect(try await client.error("agent/get", ["agent": "n"]) == "agent_not_found")
                #expect(
                    try await client.error(
                        "agent/start", ["command": ["/bin/sh", "-c", "sleep 600"], "name": "n", "requestKey": "key"])
                        == "agent_not_found")
                let second = try await client.start("true", ["name": "n"])
                #expect(second["id"] != first["id"])
                _ = try await client.result("agent/wait", ["agent": "n"])
                let directory = "\(daemon.settings.agentsDirectory)/\(try #require(first["id"]?.text))"
                #expect(access(directory, F_OK) != 0)
            }
        }
    }

    @Test("a jail that cannot be built is an error that says which step failed, and a failed agent")
    func failure() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                let answer = try await client.call(
                    "agent/start", ["command": ["/no/such/program"], "name": "f"])
                let error = try #require(answer["error"])
                #expect(error["code"] == -32007)
                #expect(error["data"]?["errno"] == "ENOENT")
                #expect(error["data"]?["stage"]?.text?.isEmpty == false)
                let agent = try await client.result("agent/get", ["agent": "f"])
                #expect(agent["state"] == "failed")
                #expect(try await client.result("agent/wait", ["agent": "f"])["state"] == "failed")
                #expect(try await client.result("agent/remove", ["agent": "f"]) == [:])
            }
        }
    }

    @Test("a daemon that is gone and one that comes back lose no line of an agent that prints without pause")
    func adoption() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = TestDaemon(directory)
            try Directories.create("\(directory)/ws", mode: 0o700)
            let (noisy, brief) = try await daemon.run { daemon in
                try await daemon.connect { client in
                    let noisy = try await client.start(
                        "stty -echo; i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; read x; exit 5",
                        ["name": "noisy"])
                    let brief = try await client.start(
                        "while [ ! -e \(directory)/ws/go ]; do sleep 0.02; done; exit 6",
                        ["name": "brief", "workspace": .string("\(directory)/ws")])
                    return (noisy["id"], try #require(brief["id"]?.text))
                }
            }
            // It ends while no daemon runs.
            _ = try Files.open("\(directory)/ws/go", O_WRONLY | O_CREAT)
            while access("\(daemon.settings.agentsDirectory)/\(brief)/exit.json", F_OK) != 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
            try await daemon.run { daemon in
                try await daemon.connect { client in
                    _ = try await client.result("agent/input", ["agent": "noisy", "data": "\n"])
                    let (text, reason) = try await client.attached(["agent": "noisy"])
                    #expect(reason == "eof")
                    #expect(text == (0..<20000).map { "line \($0)\r\n" }.joined())
                    let ended = try await client.result("agent/wait", ["agent": "noisy"])
                    #expect(ended["exit"] == ["code": 5, "signal": nil, "reason": "exited"])
                    #expect(ended["id"] == noisy)
                    #expect(try await client.result("agent/get", ["agent": "brief"])["exit"]?["code"] == 6)
                    let events = try await client.events(9)
                    #expect(events.contains { $0["type"] == "agent.adopted" && $0["agent"] == noisy })
                    let away = try #require(
                        events.first { $0["agent"] == .string(brief) && $0["type"] == "agent.exited" })
                    #expect(away["data"]?["while_away"] == true)
                    #expect(away["data"]?["code"] == 6)
                }
            }
        }
    }

    @Test("a subscriber that stops reading holds up neither the agent nor anyone else, and misses nothing that is kept")
    func stoppedReader() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { slow in
                try await daemon.connect { client in
                    _ = try await client.start(
                        "echo ready; read x; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo done", ["name": "flood"]
                    )
                    try await client.waitForOutput("flood")
                    // Attached, and from here on not read from.
                    try await slow.send(#"{"jsonrpc":"2.0","id":1,"method":"agent/attach","params":{"agent":"flood"}}"#)
                    _ = try await slow.line()
                    _ = try await client.result("agent/input", ["agent": "flood", "data": "go\n"])
                    let ended = try await client.result("agent/wait", ["agent": "flood", "timeout": "120s"])
                    #expect(ended["exit"]?["code"] == 0)
                    let (text, _) = try await client.attached(["agent": "flood"])
                    #expect(text.utf8.count > 3_000_000)
                    #expect(text.hasSuffix("\r\ndone\r\n"))
                }
                let (late, reason) = try await slow.streamed()
                #expect(late.utf8.count > 3_000_000)
                #expect(reason == "eof")
            }
        }
    }

    @Test("output that the ring has dropped is told as a gap, and the rest follows without another")
    func gap() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start("head -c 9000000 /dev/zero | tr '\\0' x", ["name": "g"])
                let ended = try await client.result("agent/wait", ["agent": "g"])
                #expect(ended["output"]?["end"] == 9_000_000)
                let start = try #require(ended["output"]?["start"])
                #expect(start.number > 4_000_000)
                let begun = try await client.result("agent/attach", ["agent": "g", "since": 0, "encoding": "base64"])
                #expect(begun["offset"] == 0)
                let gap = try #require(try await client.notification())
                #expect(gap["method"] == "agent/gap")
                #expect(gap["params"]?["from"] == 0)
                #expect(gap["params"]?["to"] == start)
                var next = start.number
                while next < 9_000_000, let line = try await client.notification(), let params = line["params"] {
                    #expect(params["offset"]?.number == next)
                    let bytes = try #require(Data(base64Encoded: params["dataBase64"]?.text ?? ""))
                    next += Int64(bytes.count)
                }
                #expect(next == 9_000_000)
            }
        }
    }

    @Test("removing an agent ends the subscriptions to it")
    func removal() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start("echo x; sleep 600", ["name": "r"])
                _ = try await client.result("agent/attach", ["agent": "r"])
                try await daemon.connect { other in
                    _ = try await other.result("agent/remove", ["agent": "r", "force": true])
                }
                let (_, reason) = try await client.streamed()
                #expect(["removed", "eof"].contains(reason))
            }
        }
    }

    @Test(
        "a process in a jail that reaches the socket is refused",
        .enabled(if: access("/usr/bin/socat", X_OK) == 0, "no socat"))
    func jailedClient() async throws {
        try await withTemporaryDirectory { directory in
            try await TestDaemon(directory).run { daemon in
                try await daemon.connect { client in
                    let request = #"{"jsonrpc":"2.0","id":1,"method":"agent/list"}"#
                    _ = try await client.start(
                        "echo '\(request)' | socat -t2 - UNIX-CONNECT:\(daemon.settings.socket)",
                        ["name": "j", "workspace": .string("\(directory)/run")])
                    _ = try await client.result("agent/wait", ["agent": "j"])
                    let text = try await client.result("agent/logs", ["agent": "j"]).logText
                    #expect(text.contains("permission_denied"), "\(text)")
                    #expect(!text.contains("agents"))
                }
            }
        }
    }

    @Test(
        "a shim holds no descriptor of the daemon's and keeps no directory busy",
        .enabled(if: geteuid() == 0, "only root may look into a process that keeps others out"))
    func inheritance() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                let pid = try await client.start("sleep 600", ["name": "i"])["pid"]?.number ?? 0
                // The agent's parent is the jail's first process, and that one's is the shim.
                let first = try #require(ProcessStat.read(Int32(pid)).flatMap(ProcessStat.init)).parent
                let shim = try #require(ProcessStat.read(first).flatMap(ProcessStat.init)).parent
                #expect(Files.linkTarget("/proc/\(shim)/cwd") == "/")
                let targets = (0..<256).compactMap { Files.linkTarget("/proc/\(shim)/fd/\($0)") }
                #expect(!targets.isEmpty)
                #expect(!targets.contains { $0.contains("eventpoll") || $0.contains("sqlite") })
                // Its listening socket, the connection to the daemon, and the pair with the jail's first process.
                #expect(targets.count { $0.hasPrefix("socket:") } <= 4)
                _ = try await client.result("agent/kill", ["agent": "i"])
            }
        }
    }

    @Test("a workspace that holds the daemon's state shows nothing of it")
    func hidden() async throws {
        try await withTemporaryDirectory { directory in
            try await TestDaemon(directory).run { daemon in
                try await daemon.connect { client in
                    _ = try await client.start(
                        "ls \(directory); ls \(directory)/state; cat \(directory)/state/supervisord.lock",
                        ["name": "h", "workspace": .string(directory)])
                    #expect(try await client.result("agent/wait", ["agent": "h"])["exit"]?["code"] != 0)
                    let text = try await client.result("agent/logs", ["agent": "h"]).logText
                    #expect(text.contains("run"))
                    #expect(!text.contains("sqlite"), "\(text)")
                    #expect(!text.contains("\(getpid())\r\n"))
                }
            }
        }
    }

    @Test("the environment of an agent is not stored")
    func secrets() async throws {
        try await withTemporaryDirectory { directory in
            try await TestDaemon(directory).run { daemon in
                try await daemon.connect { client in
                    _ = try await client.start("true", ["name": "s", "env": ["TOKEN": "hunter2-sesame"]])
                    _ = try await client.result("agent/wait", ["agent": "s"])
                }
            }
            for name in ["supervisord.sqlite", "supervisord.sqlite-wal"] {
                let path = "\(directory)/state/\(name)"
                guard access(path, F_OK) == 0 else { continue }
                let file = try Files.open(path, O_RDONLY)
                #expect(!String(decoding: try Files.readAll(file.number), as: UTF8.self).contains("hunter2-sesame"))
            }
        }
    }

    @Test("an agent whose daemon ended before it had made anything of it is found to have failed")
    func nothingThere() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = TestDaemon(directory)
            _ = try StateLock.take(daemon.settings.stateDirectory, mode: .user)
            let record = AgentRecord(
                id: AgentID(value: 1), name: try AgentName("gone"), owner: geteuid(), launcher: "command",
                profile: "shell", workspace: nil, labels: [:], grace: .seconds(1), createdAt: .now(),
                machine: AgentMachine(stopSignals: []))
            _ = try Store(path: daemon.settings.database).insert(record, key: nil, events: [])
            try await daemon.run { daemon in
                try await daemon.connect { client in
                    #expect(try await client.result("agent/get", ["agent": "gone"])["state"] == "failed")
                    #expect(try await client.result("agent/logs", ["agent": "gone"])["eof"] == true)
                    let (_, reason) = try await client.attached(["agent": "gone"])
                    #expect(reason == "eof")
                    #expect(try await client.result("agent/remove", ["agent": "gone"]) == [:])
                }
            }
        }
    }

    @Test("an agent whose shim is killed ends with it, and is reported as lost with no code made up")
    func lost() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                let pid = try await client.start("echo x; sleep 600", ["name": "l"])["pid"]?.number ?? 0
                try await client.waitForOutput("l")
                let first = try #require(ProcessStat.read(Int32(pid)).flatMap(ProcessStat.init)).parent
                let shim = try #require(ProcessStat.read(first).flatMap(ProcessStat.init)).parent
                _ = Glibc.kill(shim, SIGKILL)
                let ended = try await client.result("agent/wait", ["agent": "l", "timeout": "120s"])
                #expect(ended["exit"] == ["code": nil, "signal": nil, "reason": "lost"])
                #expect(try await client.result("agent/logs", ["agent": "l"]).logText == "x\r\n")
            }
        }
    }

    private func withDaemon<Value: Sendable>(
        _ body: @escaping @Sendable (TestDaemon) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory { try await TestDaemon($0).run(body) }
    }
}
