// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// What `agentctl doctor` says of this kernel, and of hosts that lack something.
@Suite(.timeLimit(.minutes(20))) struct DoctorTests {
    private struct Report: Decodable {
        var checks: [Check]
        struct Check: Decodable {
            var name: String
            var status: String
            var found: String
            var hint: String?
        }

        subscript(name: String) -> Check? { checks.first { $0.name == name } }
    }

    private func report(_ end: Program.End) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(end.output.utf8))
    }

    @Test("asked of a daemon it finds what jails need, since its agents run here", arguments: Person.all)
    func whole(person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                let started = try await scene.agentctl(["start", "--profile", "base", "--", "/bin/true"])
                let end = try await scene.agentctl(["doctor", "--format", "json"])
                let report = try report(end)
                #expect(started.status == 0, "\(started)")
                for name in ["jail", "kernel", "user-namespaces", "namespaces", "proc", "seccomp"] {
                    #expect(report[name]?.status == "ok", "\(String(describing: report[name]))")
                }
                #expect(report["disk"] != nil && report["cgroups"] != nil && report["open-files"] != nil)
                #expect(end.status == (report.checks.contains { $0.status == "problem" } ? 1 : 0))
                let table = try await scene.agentctl(["doctor"])
                #expect(table.output.contains("ok       kernel"))
            }
            let alone = try await scene.agentctl(["doctor", "--format", "json"])
            #expect(alone.status == 1)
            #expect(try report(alone)["daemon"]?.status == "problem")
            #expect(try report(alone)["user-namespaces"]?.status == "ok")
        }
    }

    @Test("a jail that tries leaves nothing behind", arguments: Person.all)
    func leavesNothing(person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.run(["jail", "probe", "--directory", scene.home])
            #expect(end.status == 0, "\(end)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: scene.home).isEmpty)
            #expect(try await scene.run(["jail", "probe", "home"]).status == 125)
        }
    }

    @Test("where no more user namespaces are to be had the hint names the limit", arguments: Person.all)
    func noNamespaces(person: Person) async throws {
        try await Scene.run(person) { scene in
            let jail = "\(Installation.programs)/jail"
            // A limit of a namespace of its own: it holds for what is made in that.
            let end = try await scene.run([
                "/usr/bin/unshare", "--user", "--map-root-user", "/bin/sh", "-c",
                "echo 0 > /proc/sys/user/max_user_namespaces && exec \(jail) probe",
            ])
            let check = try report(end)["user-namespaces"]
            #expect(check?.status == "problem", "\(end)")
            #expect(check?.hint?.contains("user.max_user_namespaces") == true)
        }
    }

    @Test("a /proc with covered parts, as in containers, is a problem with a hint", .enabled(if: geteuid() == 0))
    func coveredProc() async throws {
        try await Scene.run(.root) { scene in
            let end = try await scene.run([
                "/usr/bin/unshare", "--mount", "/bin/sh", "-c",
                "mount -t tmpfs none /proc/irq && exec \(Installation.programs)/jail probe",
            ])
            let check = try report(end)["proc"]
            #expect(check?.status == "problem", "\(end)")
            #expect(check?.hint?.contains("systempaths=unconfined") == true)
        }
    }
}
