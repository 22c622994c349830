// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Glibc
import JailPlan
import Linux
import Testing

/// Each line of `jail explain`, held against a jail by a program inside it (Tests/Support/explain-probe) and from
/// outside. A line that neither knows how to try fails these tests: it is a promise that nothing keeps watch over.
@Suite("what explain says", .timeLimit(.minutes(20))) struct ExplainTests {
    @Test("is true of every shipped profile, line by line", arguments: ContainmentTests.profiles, Person.all)
    func shipped(_ profile: String, _ person: Person) async throws {
        try await Scene.run(person) { scene in
            let explained = try await Explained(scene, Installation.profile(profile))
            try await explained.check()
        }
    }

    @Test("is true of a profile that asks for everything", arguments: Person.all)
    func everything(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            scene.makeDirectory("tools")
            try scene.makeFile("tools/secret", "secret\n")
            try scene.makeFile("source", "copied\n")
            let listener = try Listener()
            let file = try scene.makeFile(
                "everything.yaml",
                """
                extends: base
                description: Lines of every kind
                filesystem:
                  read_only:
                    - {path: /srv/etc, source: /etc}
                    - {path: /opt/nowhere, optional: true}
                    - {path: \(scene.directory)/tools, exec: false}
                  writable: [{path: \(scene.directory)/made, create: true, exec: false}]
                  private: [{path: /scratch, size: 64M, exec: false, mode: "0750"}]
                  copy_on_write:
                    - {path: /copied, source: \(scene.directory)/tools, size: 1M, exec: false}
                    - {path: /opt/nowhere-either, optional: true}
                  hidden: [\(scene.directory)/tools/secret]
                  files:
                    - {path: /etc/own, content: "own", mode: "0600"}
                    - {path: /etc/copied, copy: \(scene.directory)/source}
                  symlinks: {/link: usr/bin}
                  sys: read_only
                network: {mode: host, connect: [\(listener.port)], bind: [\(listener.port)]}
                rlimits: {core: unlimited, sigpending: "100:200"}
                process: {nice: 5, oom_score_adj: 200, io_priority: 6, cpus: 1, address_randomization: false}
                clocks: {monotonic: 1h, boottime: 2h}
                timeouts: {wall: 5m}
                seccomp:
                  deny: [{call: personality, when: ["0 == 0x0800000"], action: EINVAL}]
                capabilities: [chown, net_bind_service]
                credentials: {token: "\(scene.directory)/source"}
                environment: {GREETING: "hello, world"}
                hostname: explained
                umask: "027"
                degrade: [limits.cpu]
                limits: {cpu: 1.5}
                """)
            try await Explained(scene, file, listener).check()
            #expect(!scene.exists("tools/.explained"))
        }
    }

    @Test("about system calls is what happens to each of them", arguments: Person.all)
    func systemCalls(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let explained = try await Explained(scene, Installation.profile("base"))
            guard case .policy(let policy) = explained.policy.systemCalls else { return }
            // So many that the keeper's report has room for all that are refused.
            let parts = policy.refused.count / 40 + 1
            var reported: Set<String> = []
            for part in 0..<parts {
                let run = try await explained.run(["\(part)", "\(parts)"])
                #expect(run.untrue == [], "\(run.end)")
                // What has a number only, this version does not know.
                for refusal in run.lines.last?.refusals ?? [] where Int(refusal.call) == nil {
                    reported.insert(refusal.call)
                }
            }
            // By name on this machine's architecture; what comes first to the filter of every jail is not reported.
            let known = Set(JailPlan.SystemCallPolicy.everything.allowed)
            let refused = Set(policy.refused).intersection(known).subtracting(["io_uring_setup"])
                .subtracting(policy.rules.map(\.call))
            #expect(reported == refused, "otherwise than explained: \(reported.symmetricDifference(refused).sorted())")
        }
    }

    @Test("about time is what happens", arguments: Person.all)
    func timeouts(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let file = try scene.makeFile("time.yaml", "extends: base\ntimeouts: {wall: 1s, cpu: 10m, grace: 600ms}\n")
            let explained = try await Explained(scene, file)
            #expect(
                explained.lines(of: "Timeouts") == [
                    "ends 1.0 seconds after its start", "ends after 600.0 seconds of processor time",
                    "an end takes at most 0.6 seconds, for signals 2 15",
                ])
            let program = """
                import signal, time
                for number in range(1, 32):
                    if number not in (9, 17, 19): signal.signal(number, lambda number, frame: print(number, flush=True))
                while True: time.sleep(0.01)
                """
            let began = ContinuousClock.now
            let end = try await scene.run(
                [
                    "jail", "run", "--profile", file, "--workspace", scene.workspace, "--", "/usr/bin/python3", "-c",
                    program,
                ])
            #expect(ContinuousClock.now - began >= .seconds(1.6))
            #expect(end.status == 124 && end.output == "2\n15\n", "\(end)")
        }
    }
}

/// What explain says of a profile, and jails of that profile that are asked whether it is true.
private struct Explained {
    let scene: Scene
    let file: String
    let text: String
    let policy: JailPlan
    private let json: String
    private let listener: Listener
    private let facts: String
    private var options: [String]

    init(_ scene: Scene, _ file: String, _ listener: Listener? = nil) async throws {
        (self.scene, self.file) = (scene, file)
        self.listener = try listener ?? Listener()
        for name in ContainmentTests.profiles where access("\(scene.directory)/\(name).yaml", F_OK) != 0 {
            try FileManager.default.copyItem(
                atPath: Installation.profile(name), toPath: "\(scene.directory)/\(name).yaml")
        }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        options = ["--workspace", scene.workspace]
        if text.contains("workspace: overlay") { options += ["--changes", scene.makeDirectory("changes")] }
        let words = ["jail", "explain", file] + options
        self.text = try await scene.run(words).output
        json = try await scene.run(words + ["--format", "json"]).output
        policy = try JSONDecoder().decode(JailPlan.self, from: Data(json.utf8))
        facts = scene.workspace + "/facts"
        try writeFacts()
        let probe = scene.workspace + "/explain-probe"
        try FileManager.default.copyItem(
            atPath: Installation.repository + "/Tests/Support/explain-probe", toPath: probe)
    }

    private struct Facts: Encodable {
        var text: String
        var policy: JailPlan
        var absent: [String]
        var copies: [String: String]
        var listener: Int
        /// The system calls that this version of `jail` knows: libseccomp is a part of it.
        var known: [String]
        /// By prlimit(1)'s names; -1 is none.
        var limits: [String: Int64]
        var monotonic, boottime: Double
    }

    private func writeFacts() throws {
        var absent: [String] = []
        var copies: [String: String] = [:]
        for entry in policy.filesystem {
            switch entry.kind {
            case .bind(let bind):
                if case .path(let path) = bind.source, access(path, F_OK) != 0 { absent.append(path) }
            case .copy(let source, _): copies[source] = try String(contentsOfFile: source, encoding: .utf8)
            default: break
            }
        }
        let facts = Facts(
            text: text, policy: policy, absent: absent, copies: copies, listener: listener.port,
            known: JailPlan.SystemCallPolicy.everything.allowed,
            limits: try ResourceLimits.resources.keys.reduce(into: [:]) { limits, name in
                limits[name] = Int64(bitPattern: try ResourceLimits.ceiling(of: name))
            }, monotonic: seconds(CLOCK_MONOTONIC), boottime: seconds(CLOCK_BOOTTIME))
        try JSONEncoder().encode(facts).write(to: URL(filePath: self.facts))
        chmod(self.facts, 0o644)
    }

    private func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    func lines(of section: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).drop { $0 != section }.dropFirst()
        return lines.prefix { $0.hasPrefix("  ") }.map { String($0.dropFirst(2)) }.filter { $0 != "none" }
    }

    // MARK: - In a jail

    struct Run {
        var end: Program.End
        var untrue: [String]
        var lines: [StatusLine]
    }

    struct StatusLine: Decodable {
        var event: String
        var name: String?
        var refusals: [Refusal]?

        struct Refusal: Decodable {
            var call: String
        }
    }

    /// Runs the probe on a terminal, as a person would: only there is everything that explain names.
    func run(_ words: [String] = []) async throws -> Run {
        let spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
        let status = scene.directory + "/status"
        let jail =
            [
                Installation.programs + "/jail", "run", "--profile", file,
            ] + options + [
                "--status-fd", "3", "--", "/usr/bin/python3", scene.workspace + "/explain-probe", facts,
            ] + words
        let end = try await scene.run(
            ["/bin/sh", "-c", "exec 3> \(status); exec \"$@\"", "sh", "/usr/bin/python3", "-c", spawn] + jail)
        let output = end.output.replacing("\r\n", with: "\n").split(separator: "\n").map(String.init)
        #expect(end.status == 0 && output.last == "done", "\(end)")
        let told = try String(contentsOfFile: status, encoding: .utf8).split(separator: "\n")
        return Run(
            end: end, untrue: output.filter { $0.hasPrefix("untrue: ") },
            lines: try told.map { try JSONDecoder().decode(StatusLine.self, from: Data($0.utf8)) })
    }

    func check() async throws {
        let run = try await run()
        #expect(run.untrue == [], "\(run.end)")
        // What the host cannot give is what explain said that it may not.
        let missing = run.lines.filter { $0.event == "missing" }.compactMap(\.name)
        let warned =
            lines(of: "Warnings: what weakens it").first { $0.hasPrefix("where the host cannot give them") } ?? ""
        for name in missing where !name.hasPrefix("rlimits.") {
            #expect(warned.contains(name), "\(name) is missing, and explain has not warned of it")
        }
        let limits = lines(of: "Limits of the jail (cgroup)")
        #expect(limits.count == policy.resources.written)
        for name in missing where name.hasPrefix("limits.") {
            let line = limits.first { $0.hasPrefix(name.dropFirst("limits.".count) + " ") }
            #expect(line?.hasSuffix(", if the host can") == true, "\(name): \(line ?? "no line")")
        }
        var made = stat()
        if case .bind = policy.filesystem.first(where: { $0.origin == "workspace" })?.kind {
            // "the same inside and outside"
            _ = try await scene.jail("echo > \(scene.workspace)/made", profile: file)
            #expect(stat(scene.workspace + "/made", &made) == 0 && made.st_uid == scene.person.uid)
        } else {
            #expect(!scene.exists("work/.explained"))
        }
    }
}

extension JailPlan.CgroupLimits {
    /// How many limits there are.
    fileprivate var written: Int {
        [memory, memoryHigh, swap, processors, processorWeight, processes, ioWeight].count { $0 != nil } + io.count
            + other.count
    }
}

/// Something that listens on the host's loopback.
private final class Listener: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = try check("make a socket") {
            socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = descriptor
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                try check("bind") { Glibc.bind(number, address, size) }
                try check("listen") { listen(number, 16) }
                try check("find the port") { getsockname(number, address, &size) }
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}
