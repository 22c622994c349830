// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import Linux
import Testing

@testable import supervisord

/// What the daemon tells the service manager, and does at its word.
@Suite(.timeLimit(.minutes(20))) struct ServiceTests {
    @Test(
        "messages arrive at a path and at an abstract name, and one that nobody hears is no failure",
        arguments: [true, false])
    func messages(isAbstract: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let name =
                isAbstract ? "@supervisord-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))" : directory + "/n"
            let socket = try NotifySocket(name)
            let manager = ServiceManager(["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2000000"])
            #expect(manager.watchdog == 2_000_000)
            manager.ready("3 agents run")
            #expect(socket.next() == "READY=1\nSTATUS=3 agents run")
            manager.reloading()
            #expect(socket.next()?.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") == true)
            ServiceManager(["NOTIFY_SOCKET": directory + "/none"]).isAlive()
            ServiceManager(["NOTIFY_SOCKET": String(repeating: "/x", count: 200)]).isAlive()
            ServiceManager([:]).isAlive()
            #expect(ServiceManager(["WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"]).watchdog == nil)
            #expect(ServiceManager(["WATCHDOG_USEC": "x"]).watchdog == nil)
        }
    }

    @Test(
        "the daemon says that it is ready, gives signs of life, reads its configuration by SIGHUP, and says that it ends"
    )
    func daemon() async throws {
        try await withTemporaryDirectory { directory in
            let socket = try NotifySocket(directory + "/notify")
            let configuration = "\(directory)/config.yaml"
            @Sendable func write(_ text: String) throws {
                let file = try Files.open(configuration, O_WRONLY | O_CREAT | O_TRUNC)
                try Files.write(Array(text.utf8), to: file.number)
            }
            try write("agents: {running: 1}\n")
            let process = try await DaemonProcess(
                directory, options: ["--config", configuration],
                environment: ["NOTIFY_SOCKET": directory + "/notify", "WATCHDOG_USEC": "200000"])
            #expect(socket.until("READY=1")?.contains("STATUS=0 agents run") == true)
            #expect(socket.until("WATCHDOG=1") != nil && socket.until("WATCHDOG=1") != nil)
            try await process.daemon.connect { client in
                _ = try await client.start("sleep 600", ["name": "a"])
                #expect(try await client.start("sleep 600", ["name": "b"])["state"] == "queued")
                #expect(socket.until("STATUS=1 agents run, 1 wait") != nil)
                // A mistake changes nothing.
                try write("agents: {running: none}\n")
                kill(process.pid, SIGHUP)
                #expect(socket.until("RELOADING=1") != nil && socket.until("READY=1") != nil)
                #expect(try await client.error("supervisor/reload") == "profile_invalid")
                #expect(try await client.result("agent/get", ["agent": "b"])["state"] == "queued")
                try write("agents: {running: 2}\n")
                kill(process.pid, SIGHUP)
                _ = try await client.until("b", "running")
                for name in ["a", "b"] { _ = try await client.result("agent/kill", ["agent": .string(name)]) }
                let events = try await client.result("events/list")["events"]?.elements ?? []
                #expect(events.count { $0["type"] == "supervisor.reloaded" } == 1)
                let resources = try await client.result("supervisor/status")["resources"]
                #expect((resources?["memory"]?.number ?? 0) > 1 << 20 && (resources?["openFiles"]?.number ?? 0) > 5)
            }
            kill(process.pid, SIGTERM)
            #expect(socket.until("STOPPING=1") != nil)
            #expect(process.wait() == .exited(code: 0))
        }
    }

    @Test("ended agents that are in excess are removed, the oldest first, and never one that runs")
    func retention() async throws {
        try await withTemporaryDirectory { directory in
            var daemon = TestDaemon(directory)
            daemon.configuration.retention.count = 2
            try await daemon.run { daemon in
                try await daemon.connect { client in
                    _ = try await client.start("sleep 600", ["name": "runs"])
                    for number in 0..<4 {
                        _ = try await client.start("echo x", ["name": .string("e\(number)")])
                        _ = try await client.result("agent/wait", ["agent": .string("e\(number)")])
                    }
                    var names: [JSONValue?] = []
                    for _ in 0..<500 {
                        names = try await client.result("agent/list")["agents"]?.elements.map { $0["name"] } ?? []
                        if names.count <= 3 { break }
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    #expect(names == ["runs", "e2", "e3"])
                    let status = try await client.result("supervisor/status")["retained"]
                    #expect(status?["agents"] == 2 && (status?["bytes"]?.number ?? 0) > 0)
                    let removed = try await client.result("events/list")["events"]?.elements
                        .filter { $0["type"] == "agent.removed" }
                    #expect(removed?.map { $0["data"]?["reason"] } == ["retention", "retention"])
                    _ = try await client.result("agent/kill", ["agent": "runs"])
                }
            }
        }
    }

    @Test("a list of more agents than one answer has room for comes in pages, each agent once")
    func pages() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = TestDaemon(directory)
            let store: Store = try {
                _ = try StateLock.take(daemon.settings.stateDirectory, mode: .user)
                return try Store(path: daemon.settings.database)
            }()
            var ids: [String] = []
            for number in 1...700 {
                let start = try AgentRecord.sample(number)
                ids.append(start.id.text)
                _ = try store.insert(start, key: nil, events: [])
                try AgentDirectory(path: "\(daemon.settings.agentsDirectory)/\(start.id)").create()
            }
            try store.close()
            let expected = ids
            try await daemon.run { daemon in
                try await daemon.connect { client in
                    var seen: [String?] = []
                    var after: JSONValue?
                    var pages = 0
                    repeat {
                        let page = try await client.result("agent/list", after.map { ["after": $0] } ?? [:])
                        seen += page["agents"]?.elements.map { $0["id"]?.text } ?? []
                        after = page["next"]
                        pages += 1
                    } while after != nil && pages < 20
                    #expect(seen == expected)
                    #expect(pages > 1)
                    let some = try await client.result("agent/list", ["limit": 3])
                    #expect(some["agents"]?.elements.count == 3 && some["next"]?.text == expected[2])
                }
            }
        }
    }
}

extension AgentRecord {
    /// One that has ended.
    static func sample(_ number: Int, named name: String? = nil) throws -> AgentRecord {
        var record = AgentRecord(
            id: AgentID(value: UInt128(number) << 80), name: try AgentName(name ?? "agent-\(number)"), owner: geteuid(),
            launcher: "command", profile: "shell", workspace: "/srv/app/\(number)", labels: ["n": "\(number)"],
            grace: .seconds(1), createdAt: .now(),
            machine: AgentMachine(state: .exited, desired: .running, ending: nil, stopSignals: [2]))
        record.endedAt = .now()
        record.exit = AgentExit(code: 0, signal: nil, reason: .exited)
        return record
    }
}

/// Where a service manager listens.
final class NotifySocket: Sendable {
    private let socket: OwnedDescriptor

    init(_ name: String) throws {
        socket = OwnedDescriptor(
            owning: try check("open a socket") {
                Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            })
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let (number, length) = (socket.number, socklen_t(MemoryLayout<sa_family_t>.size + path.count))
        try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = try check("bind", name) { bind(number, pointer, length) }
            }
        }
    }

    /// The next message; nil when none comes in half a minute.
    func next() -> String? {
        var event = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        guard poll(&event, 1, 30_000) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket.number, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// The next message that has this in it; those before are skipped.
    func until(_ text: String) -> String? {
        for _ in 0..<1000 {
            guard let message = next() else { return nil }
            if message.contains(text) { return message }
        }
        return nil
    }
}
