// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import Linux
import Profiles
import Testing

@testable import supervisord

/// Tests with a daemon in this process, of whose agents none is left.
protocol WithTestDaemon {}

extension WithTestDaemon {
    func withDaemon(_ body: @escaping @Sendable (TestDaemon) async throws -> Void) async throws {
        try await withTemporaryDirectory { try await run(TestDaemon($0), body) }
    }

    /// Whatever becomes of the test, no agent of its is left to keep the machine busy.
    func run(
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

    func withWorkspace(
        _ body: @escaping @Sendable (TestDaemon, String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            mkdir("\(directory)/work", 0o755)
            try await run(TestDaemon(directory)) { try await body($0, "\(directory)/work") }
        }
    }

    /// With launchers that say how their agents show that they are ready.
    func withLaunchers(_ body: @escaping @Sendable (TestDaemon) async throws -> Void) async throws {
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
    func hostNetwork(_ daemon: TestDaemon) throws -> String {
        let path = "\(daemon.settings.stateDirectory)/host-network.yaml"
        let file = try Files.open(path, O_WRONLY | O_CREAT)
        try Files.write(Array("extends: shell\nnetwork: {mode: host}\n".utf8), to: file.number)
        return path
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
            searchPath: searchPath, hidden: hidden, defaultProfile: defaultProfile, access: access)
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
