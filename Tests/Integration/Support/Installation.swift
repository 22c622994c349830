// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// The programs under test, and what comes with them.
enum Installation {
    private static let environment = ProcessInfo.processInfo.environment

    /// Where the programs are: those that would be installed if the environment says where, else beside this test.
    static let programs =
        environment["AGENT_SUPERVISOR_BIN"]
        ?? CommandLine.arguments[0].split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    /// Where the profiles and the rest of the project are that belong to these programs.
    static let repository = programs.split(separator: "/").prefix { $0 != ".build" }.reduce("") { "\($0)/\($1)" }
    /// The real Codex CLI, if it was fetched (scripts/fetch-codex).
    static let codex = environment["AGENT_SUPERVISOR_CODEX"]

    /// Whether this is the machine of Tests/vm, which has everything: nothing is skipped there for want of it.
    static let isVirtualMachine = environment["AGENT_SUPERVISOR_VM"] == "1"

    static func profile(_ name: String) -> String { "\(repository)/sandbox-profiles/\(name).yaml" }
}

/// Whose rights a test runs with.
enum Person: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case root
    case ordinaryUser

    var testDescription: String { rawValue }

    /// Everyone that this test run can be: root can be either.
    static let all: [Person] = geteuid() == 0 ? [.root, .ordinaryUser] : [.ordinaryUser]

    /// A number that no user database has, so that the tests need not change this machine's.
    private static let number: UInt32 = 47_123

    var uid: UInt32 { self == .root ? 0 : geteuid() == 0 ? Person.number : geteuid() }

    /// A number of seconds that only this person's tests of this run sleep for, so that tests side by side tell theirs
    /// apart.
    func sleep(_ test: Int) -> Int {
        32_000_000 + Int(getpid() & 0xFFFF) * 10_000 + test * 10 + (self == .root ? 0 : 1)
    }

    /// What goes before a command so that it runs with these rights.
    var prefix: [String] {
        guard geteuid() == 0, self == .ordinaryUser else { return [] }
        return ["/usr/bin/setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups", "--"]
    }
}
