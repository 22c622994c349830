// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import Linux
import Profiles
import Testing

@testable import supervisord

@Suite struct AccessRulesTests {
    private func read(_ text: String) async throws -> [AccessRules.Rule]? {
        try await configuration(text).access
    }

    private func configuration(_ text: String) async throws -> ConfigurationFile {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/config.yaml"
            let file = try Files.open(path, O_WRONLY | O_CREAT)
            try Files.write(Array(text.utf8), to: file.number)
            return try ConfigurationFile(file: path)
        }
    }

    private func person(_ uid: UInt32, _ name: String, _ groups: String...) -> AccessRules.Person {
        .init(uid: uid, names: [name, "\(uid)"], groups: Set(groups))
    }

    @Test("root and the daemon's own user are administrators, whatever the rules say")
    func always() async throws {
        for rules in [nil, [], try await read("access: [{role: viewer, users: [root, daemon]}]")] {
            let access = AccessRules(rules: rules, daemon: 17)
            #expect(access.grant(to: person(0, "root")) == .everything)
            #expect(access.grant(to: person(17, "daemon")) == .everything)
        }
    }

    @Test("without rules whoever the socket lets in is an operator; with an empty list nobody is let in")
    func none() {
        let ada = person(1000, "ada", "ada")
        #expect(AccessRules(rules: nil, daemon: 17).grant(to: ada) == Grant(role: .operator, seesAll: false))
        #expect(AccessRules(rules: [], daemon: 17).grant(to: ada) == nil)
    }

    @Test("the first rule that names a user or a group counts, by name or by number")
    func first() async throws {
        let access = AccessRules(
            rules: try await read(
                """
                access:
                  - {role: viewer, users: [mallory], agents: all}
                  - {role: admin, groups: [wheel]}
                  - {role: operator, users: ["1002"], groups: [agents, "500"]}
                """), daemon: 17)
        #expect(access.grant(to: person(1001, "mallory", "wheel")) == Grant(role: .viewer, seesAll: true))
        #expect(access.grant(to: person(1000, "ada", "agents", "wheel"))?.role == .admin)
        #expect(access.grant(to: person(1002, "bob", "bob"))?.role == .operator)
        #expect(access.grant(to: person(1003, "eve", "500"))?.role == .operator)
        #expect(access.grant(to: person(1004, "wheel", "users")) == nil, "a user is not a group of that name")
    }

    @Test(
        "a rule that cannot be meant is an error with its line",
        arguments: [
            ("{users: [ada]}", "the rule has no role"),
            ("{role: king, users: [ada]}", "\"role\" is one of viewer, operator, admin"),
            ("{role: viewer}", "names neither users nor groups"),
            ("{role: admin, users: [ada], profiles: [codex]}", "only operators have bounds"),
            ("{role: viewer, users: [ada], limits: {memory: 1G}}", "only operators have bounds"),
            ("{role: operator, users: [ada], profiles: [/etc/x]}", "cannot be the name of a profile"),
            ("{role: operator, users: [ada], workspaces: [src]}", "is not an absolute path"),
            ("{role: operator, users: [ada], workspaces: [\"${workspace}\"]}", "unknown variable"),
            ("{role: operator, users: [ada], limits: {io: [x]}}", "unknown key"),
            ("{role: operator, users: [ada], agents: everyones}", "\"agents\" is one of own, all"),
        ])
    func mistakes(rule: String, complaint: String) async throws {
        do {
            _ = try await read("access:\n  - \(rule)\n")
            Issue.record("accepted")
        } catch let error as ProfileProblems {
            #expect(error.problems.contains { $0.message.contains(complaint) && $0.line == 2 }, "\(error)")
        }
    }

    @Test("a daemon of one user takes no rules")
    func userMode() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/config.yaml"
            let file = try Files.open(path, O_WRONLY | O_CREAT)
            try Files.write(Array("access: []\n".utf8), to: file.number)
            for (flags, isTaken) in [(["--user"], false), ([], true)] {
                let flags = try Flags.parse(flags + ["--config", path, "--socket", "/run/s", "--state-dir", "/state"])
                let resolved = Result {
                    try flags.resolve(
                        environment: [:], workingDirectory: "/", executable: "/bin/supervisord", uid: 1000)
                }
                #expect(isTaken == ((try? resolved.get()) != nil))
            }
        }
    }

    @Test("an agent whose owner has lost his role is not run again")
    func lost() async throws {
        let owner = PlanRequest.Owner(uid: 1000, gid: 1000, groups: [], name: "ada", home: "/home/ada")
        #expect(try AccessRules(rules: [], daemon: 17).grant(to: owner, groups: []) == nil)
        let viewers = try await read("access: [{role: viewer, users: [\"1000\"]}]")
        #expect(try AccessRules(rules: viewers, daemon: 17).grant(to: owner, groups: [])?.role == .viewer)
        let operators = try await read("access: [{role: operator, users: [\"1000\"], profiles: [codex]}]")
        let grant = try AccessRules(rules: operators, daemon: 17).grant(to: owner, groups: [])
        #expect(grant?.bounds.profiles == [ProfileName("codex")!])
    }
}
