// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// `jail run --report`: what was asked for inside, as the host can tell it.
@Suite("an access report", .timeLimit(.minutes(20))) struct AccessReportTests {
    private struct Line: Decodable, Equatable {
        var use: String
        var path: String?
        var address: String?
        var process: String
        var count: Int
        var jail: Bool?
        var host: Bool?
    }

    private func report(_ scene: Scene, _ command: String) async throws -> (
        end: Program.End, lines: [Line]
    ) {
        let file = scene.directory + "/run/report"
        let end = try await scene.jail(command, options: ["--report", file])
        let text = try Data(contentsOf: URL(filePath: file))
        return (end, try text.split(separator: 10).map { try JSONDecoder().decode(Line.self, from: $0) })
    }

    @Test("tells what the host has and the jail lacks, and what was written", arguments: Person.all)
    func files(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let (end, lines) = try await report(
                scene, "cat \(scene.canary) missing; mkdir -p made/x; cd made && cat </etc/hosts >y; cat y >/dev/null")
            #expect(end.status == 0, "\(end)")
            func line(_ path: String, _ use: String) -> Line? { lines.first { $0.path == path && $0.use == use } }
            #expect(
                line(scene.canary, "read")
                    == Line(use: "read", path: scene.canary, process: "cat", count: 1, jail: false, host: true))
            let missing = line(scene.workspace + "/missing", "read")
            #expect(missing?.jail == false && missing?.host == false)
            #expect(line(scene.workspace + "/made/x", "write")?.host == true)
            #expect(line(scene.workspace + "/made/y", "write")?.process == "sh")
            #expect(line(scene.workspace + "/made/y", "read")?.jail == true)
            #expect(line("/etc/hosts", "read")?.jail == true)
            #expect(lines.contains { $0.use == "execute" && $0.path?.hasSuffix("/mkdir") == true && $0.jail == true })
            #expect(!lines.contains { $0.use == "unseen" }, "\(lines)")
        }
    }

    @Test("tells addresses of every kind, and stays one object a line whatever they are called", arguments: Person.all)
    func addresses(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let program = """
                import ctypes, mmap, os, socket
                def attempt(what, *arguments):
                    try: what(*arguments)
                    except OSError: pass
                inet, inet6, unix = (socket.socket(f, socket.SOCK_DGRAM) for f in (2, 10, 1))
                inet.bind(("127.0.0.1", 0))
                for _ in range(3): attempt(inet.sendto, b"x", ("127.0.0.1", 7))
                attempt(inet6.connect, ("::1", 53))
                attempt(unix.connect, "a\\nb")
                attempt(unix.connect, "\\0hidden")
                attempt(open, "c\\x1b[31m\\n{}" + "d" * 3000)
                libc, end = ctypes.CDLL(None), mmap.mmap(-1, 4096)
                last = ctypes.addressof(ctypes.c_char.from_buffer(end)) + 4095
                for address in (1, last): libc.connect(inet.fileno(), ctypes.c_void_p(address), 16)
                libc.utimensat(-100, None, None, 0)
                ctypes.CDLL(None).open(1, 0)
                """
            let (end, lines) = try await report(scene, "/usr/bin/python3 -c '\(program)'")
            #expect(end.status == 0, "\(end)")
            let addresses = Set(lines.compactMap { line in line.address.map { "\(line.use) \($0)" } })
            #expect(
                addresses.isSuperset(of: [
                    "bind 127.0.0.1:0", "send 127.0.0.1:7", "connect [::1]:53", "connect unix:a\nb",
                    "connect unix:@hidden",
                ]), "\(addresses)")
            #expect(lines.first { $0.address == "127.0.0.1:7" }?.count == 3)
            let name = scene.workspace + "/c\u{1B}[31m\n{}" + String(repeating: "d", count: 3000)
            #expect(lines.contains { $0.path == name })
        }
    }

    @Test("changes nothing that is refused, and opens no other way", arguments: Person.all)
    func refused(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let program = """
                import ctypes, os
                libc = ctypes.CDLL(None, use_errno=True)
                for call in ((272, 0x10000000), (165, 0, 0, 0, 0, 0), (425, 1, 0)):
                    print(libc.syscall(*call), os.strerror(ctypes.get_errno()))
                """
            let command = "/usr/bin/python3 -c '\(program)'"
            let plain = try await scene.jail(command)
            let (end, _) = try await report(scene, command)
            #expect(end.output == plain.output && end.output.split(separator: "\n").count == 3, "\(plain) \(end)")
            #expect(end.output.split(separator: "\n").allSatisfy { $0.hasPrefix("-1 ") })
        }
    }

    @Test("counts what a process lets nobody see, and names without end", arguments: Person.all)
    func limits(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let program = """
                import ctypes, os
                for number in range(12000): os.path.exists(f"/n{number}" + "x" * 1000)
                ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
                os.path.exists("/unheard-of")
                """
            let (end, lines) = try await report(scene, "/usr/bin/python3 -c '\(program)'")
            #expect(end.status == 0, "\(end)")
            let unseen = lines.filter { $0.use == "unseen" }.reduce(0) { $0 + $1.count }
            let seen = lines.filter { $0.path?.hasPrefix("/n") == true }.count
            #expect((1...9000).contains(seen) && seen + unseen > 12_000, "\(seen) \(unseen)")
            #expect(!lines.contains { $0.path == "/unheard-of" })
        }
    }

    @Test("takes no longer for names that Unicode has to think about", arguments: Person.all)
    func marks(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let program = """
                import os
                for number in range(64): os.path.exists("/" + "\\u0301\\u0323" * 800 + str(number))
                """
            let (end, lines) = try await report(scene, "/usr/bin/python3 -c '\(program)'")
            let marks = lines.filter { $0.path?.unicodeScalars.contains("\u{301}") == true }
            #expect(marks.count == 64, "\(end)")
        }
    }

    @Test("goes to a file of its own name, and says nothing that an agent wrote there", arguments: Person.all)
    func place(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let file = scene.workspace + "/report"
            let forging =
                "for i in 1 2 3 4 5 6 7 8 9; do cat /etc/passwd; done > report; mkfifo fifo; ln -s ../canary link"
            let end = try await scene.jail(forging + "; ln report again", options: ["--report", file])
            #expect(end.status == 0, "\(end)")
            for line in try Data(contentsOf: URL(filePath: file)).split(separator: 10) {
                _ = try JSONDecoder().decode(Line.self, from: line)
            }
            for name in ["fifo", "link", "report"] {
                let again = try await scene.jail("touch ran", options: ["--report", scene.workspace + "/" + name])
                #expect(again.status == 125 && again.error.contains("/\(name): "), "\(again)")
            }
            let log = try await scene.jail("true", options: ["--log-file", scene.workspace + "/link", "--verbose"])
            #expect(log.status == 125 && log.error.contains("ELOOP"), "\(log)")
            #expect(!scene.exists("work/ran") && scene.content("canary") == "unharmed")
        }
    }

    @Test("that there is no room for changes nothing about how the command ended", arguments: Person.all)
    func noRoom(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let jail =
                "\(Installation.programs)/jail run --profile \(Installation.profile("base")) --report ../run/report"
            let end = try await scene.run(
                ["/bin/sh", "-c", "ulimit -f 1; exec \(jail) -- /bin/sh -c 'ls / >/dev/null; exit 3'"])
            #expect(end.status == 3 && end.error.contains("EFBIG"), "\(end)")
        }
    }

    @Test("that cannot be made is said before anything runs", arguments: Person.all)
    func impossible(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let nowhere = try await scene.jail("touch ran", options: ["--report", "/nowhere/report"])
            #expect(nowhere.status == 125 && nowhere.error.contains("ENOENT"), "\(nowhere)")
            var plan = try await scene.plan("touch ran")
            plan.systemCalls = .compiled(.init(machine: "x86_64", filters: []))
            try JSONEncoder().encode(plan).write(to: URL(filePath: scene.directory + "/plan.json"))
            chmod(scene.directory + "/plan.json", 0o644)
            let finished = try await scene.run(
                ["jail", "run", "--plan", scene.directory + "/plan.json", "--report", "report"])
            #expect(finished.status == 125 && finished.error.contains("--report needs"), "\(finished)")
            #expect(!scene.exists("work/ran"))
        }
    }
}
