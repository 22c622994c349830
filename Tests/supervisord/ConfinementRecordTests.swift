// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Logging
import Testing

@testable import supervisord

/// What the daemon keeps of how an agent is confined, and what it prepares for that.
@Suite struct ConfinementRecordTests {
    private func plan(environment: [String: String] = ["TOKEN": "hunter2"], hostname: String = "h") -> JailPlan {
        JailPlan(
            identity: .init(uid: 1000, gid: 1000, groups: []), hostname: hostname, network: .none,
            filesystem: [.init(target: "/usr", kind: .bind(.init(source: .path("/usr"))))],
            command: .init(
                arguments: ["codex", "exec", "a secret prompt"], environment: environment, workingDirectory: "/"),
            terminal: .pipes(input: false),
            systemCalls: .policy(.init(allowed: ["read"], refused: [], refusal: .errno(1))))
    }

    @Test("the policy of a run holds no value of the environment and no argument, and a digest that anyone can check")
    func policy() throws {
        let record = try PolicyRecord(plan())
        let text = String(decoding: try CanonicalJSON.encode(record), as: UTF8.self)
        #expect(text.contains("TOKEN") && !text.contains("hunter2") && !text.contains("secret prompt"))
        #expect(record.sha256.count == 64 && !record.kernel.isEmpty)
        #expect(try PolicyRecord.digest(record.plan) == record.sha256)
        // What is not in it does not change it, what confines does.
        #expect(try PolicyRecord(plan(environment: ["TOKEN": "other"])).sha256 == record.sha256)
        #expect(try PolicyRecord(plan(hostname: "other")).sha256 != record.sha256)
    }

    @Test("the digest is that of sha256sum")
    func digest() async throws {
        try await withTemporaryDirectory { directory in
            let record = try PolicyRecord(plan())
            let file = "\(directory)/plan"
            try Data(CanonicalJSON.encode(record.plan)).write(to: URL(filePath: file))
            let output = try Files.open("\(directory)/sum", O_WRONLY | O_CREAT)
            let child = try Spawn.start("/usr/bin/sha256sum", ["sha256sum", file], descriptors: [1: output.number])
            var status: Int32 = 0
            _ = waitpid(child, &status, 0)
            // Another test may have had the kernel reap children by itself.
            var text = ""
            for _ in 0..<24_000 where !text.hasSuffix("\n") {
                try await Task.sleep(for: .milliseconds(5))
                text = try String(contentsOfFile: "\(directory)/sum", encoding: .utf8)
            }
            #expect(text.hasPrefix(record.sha256), "\(text)")
        }
    }

    @Test("an identity is given to one at a time")
    func pool() {
        let pool = IdentityPool(first: 600_000, count: 3)
        #expect(pool.free(besides: []) == 600_000)
        #expect(pool.free(besides: [600_000, 600_002]) == 600_001)
        #expect(pool.free(besides: [600_000, 600_001, 600_002]) == nil)
    }

    @Test("filters are compiled once for a policy, and again when the program has been replaced")
    func filters() async throws {
        try await withTemporaryDirectory { directory in
            let jail = try script(
                directory, #"cat >/dev/null; echo >> $0.runs; echo '{"machine":"m","filters":[]}'"#)
            let compiler = FilterCompiler(jail: jail, logger: Self.silence)
            let expected = JailPlan.SystemCalls.compiled(.init(machine: "m", filters: []))
            for _ in 0..<3 { #expect(compiler.compile(plan().systemCalls) == expected) }
            #expect(try Data(contentsOf: URL(filePath: "\(jail).runs")).count == 1)
            let other = JailPlan.SystemCalls.policy(.init(allowed: ["write"], refused: [], refusal: .kill))
            #expect(compiler.compile(other) == expected)
            #expect(try Data(contentsOf: URL(filePath: "\(jail).runs")).count == 2)
            _ = try script(directory, #"cat >/dev/null; echo '{"machine":"newer","filters":[]}'"#)
            #expect(compiler.compile(other) == .compiled(.init(machine: "newer", filters: [])))
        }
    }

    @Test(
        "where filters cannot be compiled the policy goes to the jail as it is",
        arguments: ["exit 125", "echo nonsense"])
    func noFilters(command: String) async throws {
        try await withTemporaryDirectory { directory in
            let compiler = FilterCompiler(jail: try script(directory, command), logger: Self.silence)
            #expect(compiler.compile(plan().systemCalls) == plan().systemCalls)
        }
        let nowhere = FilterCompiler(jail: "/no/such/jail", logger: Self.silence)
        #expect(nowhere.compile(plan().systemCalls) == plan().systemCalls)
    }

    private static let silence = Logger(label: "test") { _ in StandardErrorLog(logLevel: .critical, isJournal: false) }

    private func script(_ directory: String, _ text: String) throws -> String {
        let path = "\(directory)/jail"
        unlink(path)
        let file = try Files.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o755)
        try Files.write(Array("#!/bin/sh\n\(text)\n".utf8), to: file.number)
        return path
    }
}
