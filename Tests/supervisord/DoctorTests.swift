// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Testing

@testable import supervisord

@Suite(.timeLimit(.minutes(20))) struct DoctorTests {
    private func checks(_ daemon: TestDaemon) async throws -> [String: JSONValue] {
        let result = try await daemon.connect { try await $0.result("supervisor/doctor") }
        let checks = try #require(result["checks"]?.elements)
        return Dictionary(uniqueKeysWithValues: checks.map { ($0["name"]?.text ?? "", $0) })
    }

    @Test("the daemon tells what it knows itself and what jail has tried, and goes on")
    func whole() async throws {
        try await withTemporaryDirectory { directory in
            try await TestDaemon(directory).run { daemon in
                let checks = try await checks(daemon)
                for name in [
                    "jail", "kernel", "user-namespaces", "apparmor", "namespaces", "proc", "seccomp", "landlock",
                    "cgroup-v2", "overlayfs", "seccomp-listener", "idmapped-mounts", "subordinate-ids", "cgroups",
                    "open-files", "disk", "screen",
                ] {
                    let check = try #require(checks[name], "\(name)")
                    #expect(["ok", "warning", "problem"].contains(check["status"]?.text), "\(check)")
                    #expect(check["found"]?.text?.isEmpty == false)
                    #expect((check["hint"] == .null) == (check["status"] == "ok"), "\(check)")
                }
                // These tests run agents, so this host can.
                #expect(checks["jail"]?["status"] == "ok")
                #expect(checks["kernel"]?["status"] == "ok")
                #expect(checks["screen"]?["status"] == "ok")
                #expect(checks["cgroups"]?["status"] == "warning", "this daemon was given none")
                #expect(checks["overlayfs"]?["found"]?.text?.contains(daemon.settings.stateDirectory) == true)
                #expect(
                    try Files.names(in: daemon.settings.stateDirectory, at: AT_FDCWD).allSatisfy { !$0.hasPrefix(".") })
                #expect(try await daemon.connect { try await $0.result("agent/list") } == ["agents": []])
            }
        }
    }

    @Test(
        "a jail that is not there, or is another program, is a problem and ends nothing",
        arguments: ["/nonexistent", "/bin/true", "/bin/echo"])
    func wrongJail(program: String) async throws {
        try await withTemporaryDirectory { directory in
            try await TestDaemon(directory, jail: program).run { daemon in
                let checks = try await checks(daemon)
                #expect(checks["jail"]?["status"] == "problem")
                #expect(checks["jail"]?["hint"]?.text?.contains("--jail") == true)
                #expect(checks["disk"] != nil)
            }
        }
    }

    @Test("params are refused")
    func params() async throws {
        try await withTemporaryDirectory { directory in
            try await TestDaemon(directory).run { daemon in
                let error = try await daemon.connect { try await $0.error("supervisor/doctor", ["x": 1]) }
                #expect(error == "invalid_params")
            }
        }
    }

    @Test("little room on the disk is a warning, hardly any a problem")
    func disk() {
        func status(_ free: UInt64, _ files: UInt64?) -> SupervisorDoctor.Status {
            Doctor.diskCheck("/x", free: free, files: files).status
        }
        #expect(status(5 << 30, nil) == .ok)
        #expect(status(5 << 30, 1_000_000) == .ok)
        #expect(status(500 << 20, 1_000_000) == .warning)
        #expect(status(5 << 30, 5000) == .warning)
        #expect(status(10 << 20, 1_000_000) == .problem)
        #expect(status(5 << 30, 0) == .problem)
    }
}
