// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Dispatch
import FoundationEssentials
import GRDB
import Glibc
import Linux
import ShimProtocol
import Synchronization
import Testing

@testable import supervisord

/// Shims of earlier versions, which outlive the daemons that started them.
@Suite(.timeLimit(.minutes(20))) struct OldShimTests {
    @Test("a shim of version 1 is adopted, serves what it can, and its agent's end is known", arguments: [true, false])
    func version1(isThereAtTheEnd: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let daemon = TestDaemon(directory)
            let record = try layOld(daemon)
            let home = AgentDirectory(path: "\(daemon.settings.agentsDirectory)/\(record.id)")
            let shim = try RecordedShim("version-1", in: home)
            DispatchQueue.global().async { try? shim.serve() }
            try await daemon.run { daemon in
                try await daemon.connect { client in
                    let agent = try await client.result("agent/get", ["agent": "old"])
                    #expect(agent["state"] == "running" && agent["ready"] == true && agent["attempt"] == 1)
                    #expect(agent["exits"] == [] && agent["terminal"] == .null)
                    #expect(agent["output"]?["end"] == 7)
                    #expect(
                        try await client.result("agent/input", ["agent": "old", "data": "world\n"]) == ["accepted": 6])
                    _ = try await client.result("agent/resize", ["agent": "old", "columns": 100, "rows": 30])
                    _ = try await client.result("agent/signal", ["agent": "old", "signal": "SIGWINCH"])
                    for method in ["agent/pause", "agent/restart", "agent/usage"] {
                        #expect(try await client.error(method, ["agent": "old"]) == "unsupported_here", "\(method)")
                    }
                    guard isThereAtTheEnd else { return }
                    let ended = try await client.result("agent/stop", ["agent": "old"])
                    #expect(ended["exit"] == ["code": 7, "signal": nil, "reason": "stopped"])
                }
            }
            shim.end()
            guard !isThereAtTheEnd else { return }
            // As that version wrote it.
            let exit =
                #"{"endedAt":1795724551686636104,"cause":"stopped","version":1,"outcome":{"exited":{"code":7}},"outputEnd":18}"#
            let place = try home.open()
            try Files.replace(ShimLayout.exitRecord, with: Array(exit.utf8), at: place.number)
            try await daemon.run { daemon in
                try await daemon.connect { client in
                    let ended = try await client.result("agent/wait", ["agent": "old"])
                    #expect(ended["exit"] == ["code": 7, "signal": nil, "reason": "stopped"])
                    #expect(ended["endedAt"] == "2026-11-26T20:22:31.686Z")
                    #expect(ended["output"]?["end"] == 18)
                }
            }
        }
    }

    @Test("how an earlier attempt ended is no end of the present one, whoever tells it")
    func staleExit() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = TestDaemon(directory)
            let record = try layOld(daemon, attempt: 2)
            let home = AgentDirectory(path: "\(daemon.settings.agentsDirectory)/\(record.id)")
            // That of attempt 1, which has stayed because the disk was full.
            let exit = #"{"version":3,"attempt":1,"endedAt":1,"outcome":{"exited":{"code":3}},"outputEnd":0}"#
            let shim = try RecordedShim(
                lines: [
                    #"{"id":1,"operation":{"status":{}}}"#,
                    #"{"id":1,"status":{"version":3,"attempt":1,"outputEnd":0,"exit":\#(exit)}}"#,
                ], in: home, endsWithAgent: false)
            DispatchQueue.global().async { try? shim.serve() }
            try await daemon.run { daemon in
                try await daemon.connect { client in
                    let agent = try await client.result("agent/get", ["agent": "old"])
                    #expect(agent["state"] == "starting" && agent["exit"] == .null && agent["attempt"] == 2)
                    let place = try home.open()
                    try Files.replace(ShimLayout.exitRecord, with: Array(exit.utf8), at: place.number)
                    shim.end()
                    let ended = try await client.result("agent/wait", ["agent": "old"])
                    #expect(ended["state"] == "failed" && ended["exit"] == .null)
                }
            }
        }
    }

    /// An agent as a daemon of that version has left it: no start record, and columns that it did not know.
    private func layOld(_ daemon: TestDaemon, attempt: Int? = nil) throws -> AgentRecord {
        let lock = try StateLock.take(daemon.settings.stateDirectory, mode: .user)
        defer { withExtendedLifetime(lock) {} }
        var record = AgentRecord(
            id: AgentID(value: UInt128(7) << 80), name: try AgentName("old"), owner: geteuid(), launcher: "command",
            profile: "shell", workspace: nil, labels: [:], grace: .seconds(10), createdAt: .now(),
            machine: AgentMachine(
                state: attempt == nil ? .running : .starting, desired: .running, ending: nil, stopSignals: [2, 15],
                progress: .init(attempt: attempt ?? 1)))
        if attempt == nil {
            record.pid = 2150
            record.startedAt = .now()
        }
        let store = try Store(path: daemon.settings.database)
        _ = try store.insert(record, key: nil, events: [])
        if attempt == nil {
            try store.write {
                try $0.execute(sql: "UPDATE agent SET restart = NULL, progress = NULL, init_pid = NULL, columns = NULL")
            }
        }
        try store.close()
        try AgentDirectory(path: "\(daemon.settings.agentsDirectory)/\(record.id)").create()
        return record
    }
}

/// Answers as a shim did in a conversation that was written down (RecordedShim/): requests and reports in turn, as they
/// went over its socket. What it was not asked then it would not have understood, and closes the connection over.
final class RecordedShim: Sendable {
    private let reports: [String: [String]]
    private let listener: Int32
    private let lock: Int32

    private let endsWithAgent: Bool
    /// The daemon's, while there is one.
    private let connection = Mutex<Int32?>(nil)

    convenience init(_ version: String, in home: AgentDirectory) throws {
        let path = TestDaemon.repository + "/Tests/supervisord/RecordedShim/\(version).jsonl"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try self.init(lines: text.split(separator: "\n").map(String.init), in: home, endsWithAgent: true)
    }

    /// - Parameter endsWithAgent: a shim usually does; one that finds no room for its record stays.
    init(lines: [String], in home: AgentDirectory, endsWithAgent: Bool) throws {
        self.endsWithAgent = endsWithAgent
        var reports: [String: [String]] = [:]
        var asked = ""
        for line in lines {
            let value = try JSONValue(parsing: Array(line.utf8))
            if value["operation"] != nil {
                asked = try Self.key(value)
                reports[asked] = []
            } else {
                reports[asked, default: []].append(line)
            }
        }
        self.reports = reports
        lock = try home.lockFile().release()
        guard try Files.tryLock(lock) else { throw SystemError("lock", home.path, errno: EWOULDBLOCK) }
        let directory = try home.open()
        listener = try UnixSockets.listen(ShimLayout.socket, in: directory.number).release()
    }

    /// The operation, and for a signal which.
    private static func key(_ request: JSONValue) throws -> String {
        guard case .object(let members)? = request["operation"], let name = members.keys.first else { return "" }
        return name + (members[name]?["number"].map { " \($0.number)" } ?? "")
    }

    /// Until the last has been said, or `end`.
    func serve() throws {
        while true {
            let connection = OwnedDescriptor(owning: try check("accept") { accept(listener, nil, nil) })
            let number = connection.number
            self.connection.withLock { $0 = number }
            defer { self.connection.withLock { $0 = nil } }
            if try converse(number) { break }
        }
    }

    /// True when the agent has ended.
    private func converse(_ connection: Int32) throws -> Bool {
        var framer = LineFramer(maximumLine: ShimProtocol.maximumLine)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { return false }
            framer.append(buffer[..<count])
            while case .line(let line)? = framer.next() {
                let request = try JSONValue(parsing: line)
                guard let answers = reports[try Self.key(request)] else { return false }
                for answer in answers {
                    var report = try JSONValue(parsing: Array(answer.utf8))
                    if case .object(var members) = report, members["id"] != nil {
                        members["id"] = request["id"]
                        report = .object(members)
                    }
                    try Files.write(report.encoded() + [UInt8(ascii: "\n")], to: connection)
                    if endsWithAgent, report["status"]?["exit"] != nil { return true }
                }
            }
        }
    }

    /// It goes, and with it its connection and its lock.
    func end() {
        connection.withLock { if let number = $0 { _ = shutdown(number, Int32(SHUT_RDWR)) } }
        shutdown(listener, Int32(SHUT_RDWR))
        close(lock)
    }
}
