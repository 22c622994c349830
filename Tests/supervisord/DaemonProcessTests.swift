// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Linux
import Testing

@testable import supervisord

/// The daemon as a process of its own, which can be killed.
@Suite(.timeLimit(.minutes(20))) struct DaemonProcessTests {
    @Test("kill -9 of the daemon ends no agent and loses no line; the next one reports every end")
    func killed() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await DaemonProcess(directory)
            let id = try await first.daemon.connect { client in
                _ = try await client.start("sleep 0.3; exit 9", ["name": "brief"])
                return try await client.start(
                    "i=0; while [ $i -lt 30000 ]; do echo line $i; i=$((i+1)); done; sleep 1; exit 5",
                    ["name": "noisy"])["id"]
            }
            first.end(SIGKILL)
            try await Task.sleep(for: .milliseconds(500))
            let second = try await DaemonProcess(directory)
            try await second.daemon.connect { client in
                let (text, reason) = try await client.attached(["agent": "noisy"])
                #expect(reason == "eof")
                #expect(text == (0..<30000).map { "line \($0)\r\n" }.joined())
                #expect(try await client.result("agent/wait", ["agent": "noisy"])["exit"]?["code"] == 5)
                #expect(try await client.result("agent/get", ["agent": "noisy"])["id"] == id)
                #expect(try await client.result("agent/get", ["agent": "brief"])["exit"]?["code"] == 9)
            }
            #expect(second.end(SIGTERM) == .exited(code: 0))
        }
    }

    @Test("kill -9 at any moment of a start leaves at most one agent for the request key, and none half-known")
    func killedDuringStart() async throws {
        try await withTemporaryDirectory { directory in
            for delay in stride(from: 0, to: 48, by: 6) {
                let first = try await DaemonProcess(directory)
                let name = "n\(delay)"
                let request: JSONValue = [
                    "command": ["/bin/sh", "-c", "echo x; sleep 600"], "name": .string(name),
                    "requestKey": .string(name),
                ]
                _ = try await first.daemon.connect { client in
                    let line: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": "agent/start", "params": request]
                    try await client.send(String(decoding: line.encoded(), as: UTF8.self))
                    try await Task.sleep(for: .milliseconds(delay))
                    first.end(SIGKILL)
                }
                let second = try await DaemonProcess(directory)
                try await second.daemon.connect { client in
                    let answer = try await client.call("agent/start", request)
                    // Where the daemon ended in between, the agent says so, and nothing of it runs.
                    let state = try await client.result("agent/get", ["agent": .string(name)])["state"]
                    #expect(state == (answer["result"] == nil ? "failed" : "running"), "\(delay): \(answer)")
                    let all = try await client.result("agent/list")["agents"]
                    #expect(all?.elements.count { $0["name"] == .string(name) } == 1)
                    _ = try await client.result("agent/remove", ["agent": .string(name), "force": true])
                }
                #expect(second.end(SIGTERM) == .exited(code: 0))
            }
        }
    }

    @Test("the state directory of a daemon that was killed is free once what it was starting is under way")
    func lockOfTheDead() async throws {
        try await withTemporaryDirectory { directory in
            let null = try Files.open("/dev/null", O_RDWR)
            let dead = try Spawn.start("/bin/true", ["true"], descriptors: [0: null.number])
            try Processes.wait(for: dead)
            let path = directory + "/supervisord.lock"
            let lock = try Files.open(path, O_RDWR | O_CREAT)
            try Files.write(Array("\(dead)\n".utf8), to: lock.number)
            #expect(try Files.tryLock(lock.number))
            // As the child of a daemon that died between making it and its execution of the shim.
            let child = try Spawn.start("/bin/sleep", ["sleep", "0.3"], descriptors: [0: lock.number])
            close(lock.release())
            _ = try StateLock.take(directory, mode: .user)
            try Processes.wait(for: child)
        }
    }

    @Test("a stop that was under way goes on under the next daemon")
    func resumedStop() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await DaemonProcess(directory)
            try await first.daemon.connect { client in
                _ = try await client.start(
                    "trap '' INT TERM HUP; echo ready; while :; do sleep 0.05; done", ["name": "s"])
                try await client.waitForOutput("s")
                try await client.send(
                    #"{"jsonrpc":"2.0","id":1,"method":"agent/stop","params":{"agent":"s","grace":"1500ms"}}"#)
                try await Task.sleep(for: .milliseconds(200))
            }
            first.end(SIGKILL)
            let second = try await DaemonProcess(directory)
            try await second.daemon.connect { client in
                let ended = try await client.result("agent/wait", ["agent": "s", "timeout": "120s"])
                #expect(ended["exit"]?["reason"] == "stopped")
                #expect(ended["desired"] == "stopped")
            }
            second.end(SIGTERM)
        }
    }

    @Test("subscribers hear of a shutdown, and agents run on")
    func shutdown() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await DaemonProcess(directory)
            try await first.daemon.connect { client in
                _ = try await client.start("sleep 600", ["name": "a"])
                _ = try await client.result("agent/attach", ["agent": "a"])
                kill(first.pid, SIGTERM)
                #expect(try await client.streamed().reason == "shutdown")
            }
            #expect(first.wait() == .exited(code: 0))
            let second = try await DaemonProcess(directory)
            try await second.daemon.connect { client in
                #expect(try await client.result("agent/get", ["agent": "a"])["state"] == "running")
                _ = try await client.result("agent/kill", ["agent": "a"])
            }
            second.end(SIGTERM)
        }
    }

    @Test("a client that reads nothing does not keep the daemon from ending")
    func shutdownWithStoppedReader() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await DaemonProcess(directory)
            try await first.daemon.connect { slow in
                try await first.daemon.connect { client in
                    _ = try await client.start("head -c 3000000 /dev/zero | tr '\\0' x", ["name": "f"])
                    _ = try await client.result("agent/wait", ["agent": "f"])
                }
                try await slow.send(#"{"jsonrpc":"2.0","id":1,"method":"agent/attach","params":{"agent":"f"}}"#)
                try await slow.closeOutput()
                try await Task.sleep(for: .milliseconds(300))
                #expect(first.end(SIGTERM) == .exited(code: 0))
            }
        }
    }

    @Test(
        "a jailed process is refused also by a daemon that did not start it",
        .enabled(if: access("/usr/bin/socat", X_OK) == 0, "socat is not installed"))
    func jailedClientOfTheNextDaemon() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await DaemonProcess(directory)
            try await first.daemon.connect { client in
                _ = try await client.start(
                    """
                    read go
                    echo '{"jsonrpc":"2.0","id":1,"method":"agent/list"}' \
                        | socat -t2 - UNIX-CONNECT:\(first.daemon.settings.socket)
                    """, ["name": "j", "workspace": .string("\(directory)/run")])
            }
            first.end(SIGKILL)
            let second = try await DaemonProcess(directory)
            try await second.daemon.connect { client in
                _ = try await client.result("agent/input", ["agent": "j", "data": "go\n"])
                _ = try await client.result("agent/wait", ["agent": "j"])
                let text = try await client.result("agent/logs", ["agent": "j"]).logText
                #expect(text.contains("permission_denied"), "\(text)")
            }
            second.end(SIGTERM)
        }
    }

    @Test("a shim that hangs does not keep the daemon from starting, and is left alone")
    func hungShim() async throws {
        try await withTemporaryDirectory { directory in
            // It holds the lock and answers nothing.
            let fake = "\(directory)/jail"
            try writeProgram(
                fake, "#!/bin/sh\ntest \"$1\" != shim && exit 1\n: > '\(directory)/began'\nexec sleep 12\n")
            let first = try await DaemonProcess(directory, jail: fake)
            try await first.daemon.connect { client in
                try await client.send(
                    #"{"jsonrpc":"2.0","id":1,"method":"agent/start","params":{"command":["/bin/true"],"name":"h"}}"#)
                while access("\(directory)/began", F_OK) != 0 { try await Task.sleep(for: .milliseconds(20)) }
            }
            first.end(SIGKILL)
            let second = try await DaemonProcess(directory, jail: fake)
            try await second.daemon.connect { client in
                #expect(try await client.result("agent/get", ["agent": "h"])["state"] == "starting")
                let ended = try await client.result("agent/wait", ["agent": "h", "timeout": "60s"])
                #expect(ended["state"] == "failed")
                let types = try await client.events(5).compactMap { $0["type"]?.text }
                #expect(types.contains("agent.lost"))
                #expect(types.contains("agent.failed"))
            }
            second.end(SIGTERM)
        }
    }
}

/// Closed again before it is executed: the kernel executes no file that is open for writing (ETXTBSY).
private func writeProgram(_ path: String, _ text: String) throws {
    let file = try Files.open(path, O_WRONLY | O_CREAT, mode: 0o700)
    try Files.write(Array(text.utf8), to: file.number)
}

/// A supervisord that runs until it is ended, at the latest with the test.
final class DaemonProcess: Sendable {
    let pid: Int32
    let daemon: TestDaemon

    /// Returns once it takes connections.
    init(
        _ directory: String, jail: String = TestDaemon.jail, options: [String] = [],
        environment: [String: String] = [:]
    ) async throws {
        daemon = TestDaemon(directory)
        let null = try Files.open("/dev/null", O_RDWR)
        let log = try Files.open("\(directory)/log", O_WRONLY | O_CREAT | O_APPEND)
        let program = "\(TestDaemon.besides)/supervisord"
        pid = try Spawn.start(
            program,
            [
                program, "--user", "--state-dir", daemon.settings.stateDirectory, "--socket", daemon.settings.socket,
                "--jail", jail,
            ] + options, environment: environment, descriptors: [0: null.number, 1: null.number, 2: log.number])
        for _ in 0..<12_000 {
            if (try? await daemon.connect({ try await $0.result("supervisor/status") })) != nil { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        let text = String(
            decoding: try Files.readAll(Files.open("\(directory)/log", O_RDONLY).release()), as: UTF8.self)
        Issue.record("no daemon: \(text)")
    }

    deinit {
        end(SIGKILL)
    }

    @discardableResult
    func end(_ signal: Int32) -> Termination? {
        kill(pid, signal)
        return wait()
    }

    /// How it ended; nil when that was asked before.
    func wait() -> Termination? {
        try? Processes.wait(for: pid)
    }
}
