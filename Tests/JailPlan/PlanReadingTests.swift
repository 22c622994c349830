// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Testing

@Suite("reading a plan") struct PlanReadingTests {
    /// One in which everything that a plan can have is there.
    private var full: JailPlan {
        let text = "quote \" slash \\ / tab \t line \n null \u{0} é 😀"
        return JailPlan(
            identity: .init(
                uid: .max, gid: 0, groups: [1, 2], outside: .init(uid: 7, gid: 8), inside: .init(uid: 0, gid: 9),
                users: [.init(inside: 1, outside: 2, count: 3)], groupIDs: [.init(inside: 0, outside: .max, count: 1)],
                home: "/h"),
            hostname: text,
            network: .host, ports: .init(connect: [1, 65535], bind: nil), cgroup: "/c",
            resources: .init(
                memory: .max, memoryHigh: 1, swap: 0, processors: 150, processorWeight: 1, processes: 2, io: ["a"],
                ioWeight: 3, other: ["hugetlb.2MB.max": "0", "x": text]),
            filesystem: [
                .init(
                    target: "/a", kind: .bind(.init(source: .path("/b"), writable: true, optional: true, create: true)),
                    origin: "x:1"),
                .init(target: "/a", kind: .bind(.init(source: .agentDirectory("t"), executable: false))),
                .init(target: "/t", kind: .tmpfs(size: 1 << 40, mode: 0o1777, executable: true)),
                .init(target: "/f", kind: .file(content: text, mode: 0o644)),
                .init(target: "/c", kind: .copy(source: "/d", mode: 0o400)),
                .init(target: "/l", kind: .symlink(destination: "..")), .init(target: "/sys", kind: .sysfs),
                .init(target: "/p", kind: .prefixed(content: text, mode: 0o644)),
                .init(
                    target: "/c", kind: .copyOnWrite(source: "/s", size: 1 << 20, executable: false, optional: true)),
                .init(target: "/o", kind: .overlay(lower: "/l", changes: .path("/u"), protect: [".envrc"])),
                .init(target: "/p", kind: .protected), .init(target: "/h", kind: .hidden),
            ],
            command: .init(arguments: ["a", text], program: "p", environment: ["A": "1"], workingDirectory: "/"),
            terminal: .pty(columns: 80, rows: 24), limits: [.init(resource: "core", soft: nil, hard: .max)],
            capabilities: ["net_raw"],
            scheduling: .init(
                nice: -5, oomScoreAdjustment: -1000, ioPriority: .bestEffort(level: 3), processors: [0],
                processorCount: 2, coreScheduling: true, personality: 1 << 18),
            clockOffsets: .init(monotonic: .min, boot: .max), timeouts: .init(wall: 1, cpu: 2, idle: 3, start: 4),
            readiness: .init(request: text, sign: .json(members: ["id": "0", "a": text])),
            systemCalls: .policy(
                .init(
                    allowed: ["a"], refused: ["b"], refusal: .kill,
                    rules: [
                        .init(
                            call: "c", action: .refuse(.errno(1)),
                            conditions: [
                                .init(argument: 1, comparison: .equalUnder(mask: .max), value: .max),
                                .init(argument: 2, comparison: .lessOrEqual, value: 0),
                            ]),
                        .init(call: "d", action: .log),
                    ], socketFamilies: [1, 2], log: true, guardsListening: true, observes: true)),
            degrade: ["landlock"], workspace: .init(path: "/w", roots: ["/", text]))
    }

    private func bytes(_ plan: JailPlan) throws -> [UInt8] { Array(try JSONEncoder().encode(plan)) }

    @Test("gives what was written, whatever is in it")
    func roundTrip() throws {
        #expect(try JailPlan(json: bytes(full)) == full)
        var plan = full
        plan.systemCalls = .compiled(
            .init(machine: "m", filters: [.init(program: "AAAA", notifies: true), .init(program: "", notifies: false)]))
        plan.terminal = .pipes(input: false)
        plan.scheduling = .init(ioPriority: .idle)
        plan.clockOffsets = nil
        plan.ports = nil
        plan.readiness = .init(sign: .line(pattern: "ready*"))
        #expect(try JailPlan(json: bytes(plan)) == plan)
        plan.readiness = .init(sign: .output)
        #expect(try JailPlan(json: bytes(plan)) == plan)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        #expect(try JailPlan(json: Array(encoder.encode(full))) == full)
    }

    @Test("refuses what is no plan, in words, and never crashes over it")
    func damage() throws {
        let good = try bytes(full)
        for count in 0..<good.count {
            #expect(throws: JailFailure.self) { try JailPlan(json: Array(good[..<count])) }
        }
        for text in [
            "", "null", "[]", "{}", "{\"version\":2}", String(repeating: "[", count: 100_000), "{\"a\":\"\\ud800\"}",
        ] {
            #expect(throws: JailFailure.self) { try JailPlan(json: Array(text.utf8)) }
        }
        let text = String(decoding: good, as: UTF8.self)
        for (old, new) in [
            ("\"version\":\(JailPlan.currentVersion)", "\"version\":1"), ("\"uid\":4294967295", "\"uid\":4294967296"),
            ("\"gid\":0", "\"gid\":-1"), ("\"gid\":0", "\"gid\":0.5"), ("\"gid\":0", "\"gid\":\"0\""),
            ("\"wall\":1", "\"wall\":9223372036854775807"), ("\"grace\":10000", "\"grace\":-1"),
            ("\"processors\":150", "\"processors\":9223372036854775808"),
        ] {
            let changed = text.replacing(old, with: new)
            #expect(changed != text, "\(old) in \(text)")
            #expect(throws: JailFailure.self, "\(new)") { try JailPlan(json: Array(changed.utf8)) }
        }
    }

    @Test("names the place of what does not fit")
    func places() throws {
        let text = String(decoding: try bytes(full), as: UTF8.self).replacing("\"umask\":18", with: "\"umask\":true")
        #expect {
            try JailPlan(json: Array(text.utf8))
        } throws: {
            "\($0)".contains("umask")
        }
    }
}
