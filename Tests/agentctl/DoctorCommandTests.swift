// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import ScriptedDaemon
import Testing

@testable import agentctl

@Suite("doctor", .timeLimit(.minutes(20)))
struct DoctorCommandTests {
    private func daemon(_ status: SupervisorDoctor.Status) async throws -> ScriptedDaemon {
        try await ScriptedDaemon.start { request, client in
            let checks = [
                SupervisorDoctor.Check(name: "kernel", status: .ok, found: "Linux 6.1"),
                SupervisorDoctor.Check(
                    name: "overlayfs", status: status, found: "none\u{1B}[2J", hint: "mend\nit"),
            ]
            client.result(SupervisorDoctor.Result(checks: checks), to: request)
        }
    }

    @Test("each check is a line with its hint below it, and a problem is exit code 1")
    func table() async throws {
        for (status, code) in [(.ok, 0), (.warning, 0), (.problem, 1)] as [(SupervisorDoctor.Status, Int32)] {
            let daemon = try await daemon(status)
            let end = try await RunningAgentCtl(["doctor", "--socket", daemon.path]).end()
            #expect(end.status == code)
            #expect(
                end.output == """
                    ok       kernel     Linux 6.1
                    \(CellText.fit(status.rawValue, to: 7))  overlayfs  none\u{FFFD}[2J
                                        -> mend\u{FFFD}it

                    """)
            let json = try await RunningAgentCtl(["doctor", "--socket", daemon.path, "--format", "json"]).end()
            #expect(json.status == code)
            let result = try JSONDecoder().decode(SupervisorDoctor.Result.self, from: Data(json.output.utf8))
            #expect(result.checks[1].status == status)
            try await daemon.stop()
        }
    }

    @Test("without a daemon it says how to start one, and has jail try the rest")
    func withoutDaemon() async throws {
        let end = try await RunningAgentCtl(["doctor", "--socket", "/nonexistent", "--format", "json"]).end()
        #expect(end.status == 1)
        let result = try JSONDecoder().decode(SupervisorDoctor.Result.self, from: Data(end.output.utf8))
        #expect(result.checks.first?.name == "daemon")
        #expect(result.checks.first?.hint?.contains("supervisord --user") == true)
        #expect(result.checks.contains { $0.name == "kernel" && $0.status == .ok })
        #expect(result.checks.contains { $0.name == "landlock" })
    }

    @Test("an older daemon is named, and the rest tried without it")
    func olderDaemon() async throws {
        let daemon = try await ScriptedDaemon.start { $1.error(.methodNotFound($0.method), to: $0) }
        let end = try await RunningAgentCtl(["doctor", "--socket", daemon.path]).end()
        #expect(end.output.hasPrefix("warning  daemon"))
        #expect(end.output.contains("kernel"))
        try await daemon.stop()
    }
}
