// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// The jail's first process, whom the agent can see no more than by its number, and who has to hear its keeper whatever
/// the agent does.
@Suite("a jail's first process", .timeLimit(.minutes(20))) struct FirstProcessTests {
    @Test("cannot be put behind everybody else, nor be bound to one processor", arguments: Person.all)
    func scheduling(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.python(
                """
                high = 1 << 32
                mask = (ctypes.c_ulong * 128)(1)
                parameter = ctypes.c_int(0)
                attributes = (ctypes.c_uint32 * 12)(48, 5)
                place, priority, rest = map(ctypes.addressof, (mask, parameter, attributes))
                for number in (1, 1 | high):
                    print(call(203, number, 1024, place), call(144, number, 5, priority), call(142, number, priority),
                        call(314, number, rest, 0), call(141, 0, number, 19), call(251, 1, number, 3 << 13))
                print(call(141, 2, os.getuid(), 19), call(251, 3, os.getuid(), 3 << 13))
                print(call(203, 0, 1024, place), call(141, 0, 0, 5), call(251, 1, 0, 3 << 13), call(144, 0, 5, priority))
                """)
            let refused = Array(repeating: "EPERM", count: 6).joined(separator: " ")
            #expect(end.output == "\(refused)\n\(refused)\nEPERM EPERM\n0 0 0 0\n", "\(end)")
        }
    }

    @Test("ends with its keeper, however many orphans there are to be reaped", arguments: Person.all)
    func flood(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let file = try scene.makeFile(
                "work/flood.py",
                """
                import ctypes, os, time
                libc = ctypes.CDLL(None)
                for worker in range(20):
                    if os.fork() == 0:
                        if os.fork() != 0: os._exit(0)
                        while os.getppid() != 1: pass
                        # CLONE_PARENT: as a child of the first process, who has to reap it.
                        while True:
                            if libc.syscall(56, 0x8000 | 17, 0, 0, 0, 0) == 0: os._exit(0)
                print("up", flush=True)
                time.sleep(\(person.sleep(60)))
                """)
            let jail = try scene.start(JailPlan.handMade(scene, ["/usr/bin/python3", file]))
            #expect(try await eventually { jail.output == "up\n" }, "\(jail.error)")
            let first = try #require(children(of: jail.pid).first)
            kill(jail.pid, SIGKILL)
            _ = try await jail.end()
            #expect(try await eventually { kill(first, 0) != 0 })
        }
    }

    @Test("ends the jail with its main process also when another one holds on to that", arguments: Person.all)
    func tracedEnd(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let began = ContinuousClock.now
            let end = try await scene.python(
                """
                main = os.getpid()
                reading, writing = os.pipe()
                if os.fork() == 0:
                    # A grandchild may not, where Yama says so: the main process allows it (PR_SET_PTRACER_ANY).
                    while call(101, 0x4206, main, 0, 0) != 0: time.sleep(0.01) # PTRACE_SEIZE
                    os.write(writing, b"x")
                    time.sleep(600)
                libc.prctl(0x59616D61, ctypes.c_ulong(-1).value, 0, 0, 0)
                os.read(reading, 1)
                os._exit(7)
                """)
            #expect(end.status == 7, "\(end)")
            #expect(ContinuousClock.now - began < .seconds(300))
        }
    }

    @Test("counts the processor time of those that hide from it, and knows their names", arguments: Person.all)
    func hiddenProcesses(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let spin = "while True: pass"
            for (prepare, capabilities) in [("libc.prctl(4, 0, 0, 0, 0)", []), ("", ["net_bind_service"])] {
                let end = try await scene.python("\(prepare)\n\(spin)") { plan in
                    plan.timeouts = .init(cpu: 700, grace: 100)
                    plan.capabilities = capabilities
                }
                #expect(end.status == 124 && end.error.contains("processor time"), "\(end)")
                var policy = JailPlan.SystemCallPolicy.everything
                policy.allowed.removeAll { $0 == "chroot" }
                policy.refused = ["chroot"]
                policy.log = true
                let status = scene.directory + "/status"
                var plan = JailPlan.handMade(
                    scene,
                    [
                        "/usr/bin/python3", "-c",
                        "import ctypes, os\nlibc = ctypes.CDLL(None)\n\(prepare)\ntry: os.chroot('/')\nexcept OSError: pass",
                    ])
                plan.capabilities = capabilities
                plan.systemCalls = .policy(policy)
                let file = try scene.makeFile("named.json", String(decoding: JSONEncoder().encode(plan), as: UTF8.self))
                let named = try await scene.run(
                    [
                        "/bin/sh", "-c",
                        "exec \(Installation.programs)/jail run --plan \(file) --status-fd 3 3> \(status)",
                    ])
                #expect(named.status == 0, "\(named)")
                #expect(try String(contentsOfFile: status, encoding: .utf8).contains(#""process":"python3""#))
            }
        }
    }

    private func children(of pid: Int32) -> [Int32] {
        let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return (text ?? "").split(separator: " ").compactMap { Int32($0) }
    }
}
