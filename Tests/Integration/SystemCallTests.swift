// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

#if arch(x86_64)
    /// System calls as a jail's plan allows them. The numbers are x86-64's.
    @Suite("system calls in a jail", .timeLimit(.minutes(20))) struct SystemCallTests {
        private typealias Rule = JailPlan.SystemCallRule

        private func everything(
            except refused: [String] = [], rules: [JailPlan.SystemCallRule] = [], families: [Int32]? = nil,
            log: Bool = false
        ) -> JailPlan.SystemCalls {
            var policy = JailPlan.SystemCallPolicy.everything
            policy.allowed.removeAll { refused.contains($0) }
            policy.refused = refused
            policy.rules = rules
            policy.socketFamilies = families
            policy.log = log
            return .policy(policy)
        }

        @Test("go by the first rule that holds", arguments: Person.all)
        func rules(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                let end = try await scene.python(
                    """
                    for persona in (8, 0x700000008, 4, 0, 0xffffffff):
                        print(call(135, persona))
                    print(call(39) > 0)
                    """
                ) { plan in
                    plan.systemCalls = everything(rules: [
                        Rule(
                            call: "personality", action: .refuse(.errno(EACCES)),
                            conditions: [.init(argument: 0, comparison: .equal, value: 8)]),
                        Rule(
                            call: "personality", action: .allow,
                            conditions: [.init(argument: 0, comparison: .less, value: 16)]),
                        Rule(call: "personality", action: .refuse(.errno(EIO))), Rule(call: "getpid", action: .log),
                    ])
                }
                #expect(end.output == "EACCES\nEACCES\n0\n4\nEIO\nTrue\n", "\(end)")
            }
        }

        @Test("end the process where the plan says so, whatever it does about SIGSYS", arguments: Person.all)
        func kill(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                for log in [false, true] {
                    let end = try await scene.python(
                        """
                        signal.signal(signal.SIGSYS, signal.SIG_IGN)
                        print("before", flush=True)
                        threading.Thread(target=lambda: print(call(135, 0), flush=True)).start()
                        time.sleep(30)
                        """
                    ) { plan in
                        plan.systemCalls = everything(
                            rules: [Rule(call: "personality", action: .refuse(.kill))], log: log)
                    }
                    #expect(end.output == "before\n" && end.status == 128 + SIGSYS, "log \(log): \(end)")
                }
            }
        }

        @Test("make sockets of the named families only", arguments: Person.all)
        func families(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                for log in [false, true] {
                    let end = try await scene.python(
                        """
                        for family in (1, 2, 10, 16, 17, 38, 0x10000000a):
                            result = call(41, family, socket.SOCK_STREAM, 0)
                            print(result if isinstance(result, str) else "made")
                        print(call(53, 16, socket.SOCK_STREAM, 0, 0), call(425, 1, 0))
                        """
                    ) { $0.systemCalls = everything(families: [1, 2], log: log) }
                    #expect(
                        end.output == "made\nmade\n" + String(repeating: "EAFNOSUPPORT\n", count: 5)
                            + "EAFNOSUPPORT ENOSYS\n", "\(end)")
                }
            }
        }

        @Test("never include what leads out, whatever a plan allows", arguments: Person.all)
        func hard(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                try FileManager.default.copyItem(
                    atPath: Installation.repository + "/Tests/Support/way-out.py",
                    toPath: scene.workspace + "/way-out.py")
                chmod(scene.workspace + "/way-out.py", 0o644)
                for log in [false, true] {
                    let end = try await scene.python(
                        """
                        for number, first, second in (
                            (272, 0x10000000, 0), (308, 0, 0), (435, 0, 0), (56, 0x10000011, 0), (56, 0x20011, 0),
                            (16, 0, 0x5412), (16, 0, 0x541c), (16, 0, 0x700005412),
                        ):
                            print(number, call(number, first, second, 0))
                        """
                    ) { plan in
                        plan.systemCalls = everything(
                            rules: ["unshare", "setns", "clone", "clone3", "ioctl"].map {
                                Rule(call: $0, action: .allow)
                            }, log: log)
                    }
                    #expect(
                        end.output == """
                            272 EPERM
                            308 EPERM
                            435 ENOSYS
                            56 EPERM
                            56 EPERM
                            16 EPERM
                            16 EPERM
                            16 EPERM

                            """, "log \(log): \(end)")
                }
            }
        }

        @Test("end the process that takes another entry into the kernel", arguments: Person.all)
        func entries(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                // mov eax, 20 (getpid of the 32-bit table); int 0x80; ret
                let interrupt = """
                    import mmap
                    code = mmap.mmap(-1, 4096, prot=7)
                    code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
                    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
                    print(ctypes.CFUNCTYPE(ctypes.c_int)(address)())
                    """
                for program in [interrupt, "print(call(0x40000000 + 39))"] {
                    let end = try await scene.python(program) { $0.systemCalls = everything(log: true) }
                    #expect(end.status == 128 + SIGSYS && end.output.isEmpty, "\(end)")
                }
            }
        }

        @Test("are the same by finished filters, which have to be for this machine and whole", arguments: Person.all)
        func compiled(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                for log in [false, true] {
                    let policy = everything(
                        rules: [Rule(call: "personality", action: .refuse(.errno(EACCES)))], log: log)
                    let compiled = try await compile(policy, scene)
                    let end = try await scene.python("print(call(135, 0), call(272, 0))") { plan in
                        plan.systemCalls = .compiled(compiled)
                    }
                    #expect(end.output == "EACCES EPERM\n", "\(end)")
                    var bad = Array(repeating: compiled, count: 6)
                    bad[0].machine = "aarch65"
                    bad[1].filters[0].program = "AAAAAA=="
                    bad[2].filters[0].program = Data(repeating: 0, count: 4097 * 8).base64EncodedString()
                    bad[3].filters[0].program = "?"
                    bad[4].filters = []
                    bad[5].filters[0].program = ""
                    for (filters, word) in zip(
                        bad, ["aarch65", "whole number", "4097 instructions", "Base64", "none", "0 instructions"])
                    {
                        let end = try await scene.python("print('ran')") { $0.systemCalls = .compiled(filters) }
                        #expect(end.status == 125 && end.error.contains(word) && end.output.isEmpty, "\(end)")
                    }
                }
            }
        }

        private func compile(
            _ systemCalls: JailPlan.SystemCalls, _ scene: Scene
        ) async throws -> JailPlan.CompiledFilters {
            let file = scene.directory + "/policy.json"
            try JSONEncoder().encode(systemCalls).write(to: URL(filePath: file))
            let input = try Files.open(file, O_RDONLY)
            let end = try await scene.start(["jail", "filters"], input: input.number).end()
            #expect(end.status == 0, "\(end)")
            return try JSONDecoder().decode(JailPlan.CompiledFilters.self, from: Data(end.output.utf8))
        }

        @Test("that are refused and reported are answered in every thread and process", arguments: Person.all)
        func heard(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                let end = try await scene.python(
                    """
                    answers = []
                    threads = [threading.Thread(target=lambda: answers.append(call(170, 0, 0))) for _ in range(8)]
                    [thread.start() for thread in threads]
                    [thread.join() for thread in threads]
                    print(answers)
                    for _ in range(4):
                        if os.fork() == 0:
                            os._exit(0 if call(170, 0, 0) == "EPERM" else 1)
                    print([os.wait()[1] for _ in range(4)])
                    # A signal's handler runs in the middle of a refused call, which it then ends, or after it.
                    signal.signal(signal.SIGALRM, lambda *_: None)
                    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
                    print({call(170, 0, 0) for _ in range(2000)} <= {"EPERM", "EINTR"})
                    signal.setitimer(signal.ITIMER_REAL, 0)
                    """
                ) { $0.systemCalls = everything(except: ["sethostname"], log: true) }
                #expect(end.status == 0, "\(end)")
                #expect(
                    end.output == "['EPERM'" + String(repeating: ", 'EPERM'", count: 7)
                        + "]\n[0, 0, 0, 0]\nTrue\n", "\(end)")
            }
        }

        @Test("that are refused by the thousand keep neither signals nor the end waiting", arguments: Person.all)
        func flood(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                let command = """
                    python3 -c '
                    import ctypes
                    libc = ctypes.CDLL(None)
                    while True:
                        for number in range(600, 1100): libc.syscall(number)
                    '
                    """
                var plan = JailPlan.handMade(
                    scene,
                    [
                        "/bin/sh", "-c",
                        "for i in 1 2 3 4; do \(command) & done; trap 'echo told; exit 9' TERM; sleep 1; echo up; "
                            + "while :; do sleep 0.05; done",
                    ])
                plan.systemCalls = everything(log: true)
                let file = scene.directory + "/plan.json"
                try JSONEncoder().encode(plan).write(to: URL(filePath: file))
                chmod(file, 0o644)
                let program = try scene.start(["jail", "run", "--plan", file])
                #expect(try await eventually { program.output == "up\n" }, "\(program.error)")
                Glibc.kill(program.pid, SIGTERM)
                let end = try await program.end()
                #expect(end.status == 9 && end.output == "up\ntold\n", "\(end)")
            }
        }

        @Test("start an agent also if it may do none of what the jail itself needs for it", arguments: Person.all)
        func handOver(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                let refused = ["sendmsg", "seccomp", "close_range", "prctl", "dup2", "prlimit64", "recvmsg", "poll"]
                for log in [false, true] {
                    let end = try await scene.python("print(call(46, 0, 0, 0), call(317, 9, 0, 0))") {
                        $0.systemCalls = everything(except: refused, log: log)
                    }
                    #expect(end.output == "EPERM EPERM\n", "log \(log): \(end)")
                    let never = try await scene.jailed(["/bin/true"]) {
                        $0.systemCalls = everything(except: ["execve"], log: log)
                    }
                    #expect(never.status == 126 && never.error.contains("EPERM"), "log \(log): \(never)")
                }
            }
        }

        @Test("leave an agent's own filters to it, but only one listener", arguments: Person.all)
        func ownFilters(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                let end = try await scene.python(
                    """
                    import struct
                    program = struct.pack("HBBI", 6, 0, 0, 0x7fff0000)
                    buffer = ctypes.create_string_buffer(program)
                    header = struct.pack("HxxxxxxQ", 1, ctypes.addressof(buffer))
                    fprog = ctypes.create_string_buffer(header)
                    print(call(317, 1, 0, ctypes.addressof(fprog)), call(317, 1, 8, ctypes.addressof(fprog)))
                    """
                ) { $0.systemCalls = everything(log: true) }
                #expect(end.output == "0 EBUSY\n", "\(end)")
            }
        }
    }
#endif
