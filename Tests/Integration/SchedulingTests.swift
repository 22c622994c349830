// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// How the kernel treats a jail's processes: what a plan's `scheduling`, `limits`, `umask` and `capabilities` come to.
@Suite("scheduling, limits and capabilities in a jail", .timeLimit(.minutes(20))) struct SchedulingTests {
    @Test("are what the plan says", arguments: Person.all)
    func scheduling(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.python(
                """
                print("nice", os.nice(0), "oom", open("/proc/self/oom_score_adj").read().strip())
                print("processors", len(os.sched_getaffinity(0)), "umask", oct(os.umask(0)))
                print("class", call(252, 1, 0) >> 13, "personality", hex(call(135, 0xffffffff)))
                # What an agent may not set back by itself.
                try:
                    os.sched_setaffinity(0, range(1024))
                except OSError as error:
                    print(errno.errorcode[error.errno])
                print(call(251, 1, 0, 2 << 13))
                """
            ) { plan in
                plan.scheduling = .init(
                    nice: 11, oomScoreAdjustment: 700, ioPriority: .idle, processorCount: 1, personality: 0x40000)
                plan.umask = 0o027
            }
            #expect(
                end.output == """
                    nice 11 oom 700
                    processors 1 umask 0o27
                    class 3 personality 0x40000
                    EPERM
                    EPERM

                    """, "\(end)")
        }
    }

    @Test("fail by name where they cannot be had", arguments: Person.all)
    func failures(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let cases: [(JailPlan.Scheduling, String)] = [
                (.init(nice: -20), "process.nice"), (.init(oomScoreAdjustment: -1000), "process.oom_score_adj"),
                (.init(ioPriority: .bestEffort(level: 9)), "process.io_priority"),
                (.init(processors: [0, 4095]), "process.cpus"), (.init(processors: []), "process.cpus"),
                (.init(processors: [-1]), "process.cpus"), (.init(processorCount: 4096), "process.cpus"),
            ]
            for (scheduling, stage) in cases {
                let end = try await scene.jailed(["/bin/echo", "ran"]) { $0.scheduling = scheduling }
                #expect(end.status == 125 && end.output.isEmpty && end.error.contains(stage), "\(stage): \(end)")
                let without = try await scene.jailed(["/bin/echo", "ran"]) {
                    $0.scheduling = scheduling
                    $0.degrade = [stage]
                }
                #expect(without.output == "ran\n" && without.error.contains(stage), "\(stage): \(without)")
            }
        }
    }

    @Test("include cores that nobody else runs on, if the kernel can, or by leave")
    func cores() async throws {
        try await Scene.run(Person.all[0]) { scene in
            let end = try await scene.jailed(["/bin/echo", "ran"]) { $0.scheduling.coreScheduling = true }
            guard end.status != 0 else { return }
            #expect(end.status == 125 && end.error.contains("process.core_scheduling"), "\(end)")
            #expect(end.error.contains("degrade") && end.output.isEmpty, "\(end)")
            let without = try await scene.jailed(["/bin/echo", "ran"]) {
                $0.scheduling.coreScheduling = true
                $0.degrade = ["process.core_scheduling"]
            }
            #expect(without.output == "ran\n", "\(without)")
        }
    }

    @Test("limit each process, and no limit is as much as there is", arguments: Person.all)
    func limits(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let ceiling = try ResourceLimits.ceiling(of: "nofile")
            let end = try await scene.jailed([
                "/bin/sh", "-c", "ulimit -Sn; ulimit -Hn; ulimit -Hc; ulimit -Sf; ulimit -Hf",
            ]) {
                $0.limits = [
                    .init(resource: "nofile", soft: 32, hard: ceiling + 1),
                    .init(resource: "core", soft: nil, hard: nil),
                    .init(resource: "fsize", soft: 512, hard: 1024),
                ]
            }
            let lines = end.output.split(separator: "\n")
            #expect(lines.count == 5 && lines[0] == "32" && lines[1] == "\(ceiling)", "\(end)")
            #expect(lines.last == "2" && lines[3] == "1", "\(end)")
            let unknown = try await scene.jailed(["/bin/true"]) {
                $0.limits = [.init(resource: "nonsense", soft: 1, hard: 1)]
            }
            #expect(unknown.status == 125 && unknown.error.contains("rlimits.nonsense"), "\(unknown)")
            // So few that nothing can be opened: the jail itself has to be done by then.
            let none = try await scene.jailed(["/bin/true"]) {
                $0.limits = [.init(resource: "nofile", soft: 4, hard: 4)]
            }
            #expect(none.status == 0, "\(none)")
        }
    }

    @Test("leave exactly the capabilities of the plan", arguments: Person.all)
    func capabilities(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.python(
                """
                for line in open("/proc/self/status"):
                    if line.startswith(("Cap", "NoNewPrivs")):
                        print(line.split()[1])
                socket.socket().bind(("127.0.0.1", 80))
                try:
                    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
                except OSError as error:
                    print(errno.errorcode[error.errno])
                print(call(157, 47, 2, 13, 0, 0))
                """
            ) { $0.capabilities = ["net_bind_service"] }
            let kept = "0000000000000400\n"
            #expect(
                end.output == String(repeating: kept, count: 5) + "1\nEPERM\nEPERM\n", "\(end)")
            for name in ["sys_admin", "sys_ptrace", "setpcap", "bpf", "nonsense", "SYS_ADMIN", "cap_chown", ""] {
                let end = try await scene.jailed(["/bin/echo", "ran"]) { $0.capabilities = [name] }
                #expect(end.status == 125 && end.error.contains("capabilities") && end.output.isEmpty, "\(end)")
            }
        }
    }
}
