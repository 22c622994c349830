// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Testing

@testable import supervisord

@Suite struct PeerAncestryTests {
    private func stat(_ name: String, parent: Int32, started: UInt64) -> String {
        "77 (\(name)) S \(parent) 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 \(started) 1000 10 18446744073709551615"
    }

    private func verdict(_ peer: Int32, jails: Set<Int32>, _ processes: [Int32: String]) -> PeerAncestry.Verdict {
        PeerAncestry(stat: { processes[$0] }).verdict(on: peer, jails: jails)
    }

    @Test("a process below a jail's first process is jailed, however deep")
    func jailed() {
        let processes: [Int32: String] = [
            40: stat("sh", parent: 30, started: 90), 30: stat("codex", parent: 20, started: 80),
            20: stat("jail", parent: 10, started: 70), 10: stat("jail", parent: 1, started: 60),
        ]
        #expect(verdict(40, jails: [20], processes) == .jailed)
        #expect(verdict(40, jails: [10], processes) == .jailed)
        #expect(verdict(20, jails: [20], processes) == .jailed)
        #expect(verdict(40, jails: [99], processes) == .outside)
    }

    @Test("a name with parentheses and spaces does not hide the parent")
    func name() {
        let processes: [Int32: String] = [
            40: stat("a) S 1 (b", parent: 20, started: 90), 20: stat("jail", parent: 1, started: 70),
        ]
        #expect(verdict(40, jails: [20], processes) == .jailed)
    }

    @Test("a process that is gone, here or on the way up, is not trusted")
    func gone() {
        #expect(verdict(40, jails: [], [:]) == .unknown)
        #expect(verdict(0, jails: [], [:]) == .unknown)
        #expect(verdict(40, jails: [], [40: stat("sh", parent: 30, started: 9)]) == .unknown)
        #expect(verdict(40, jails: [], [40: "40 (sh"]) == .unknown)
    }

    @Test("a parent younger than its child has taken over a pid and is not trusted")
    func reused() {
        let processes: [Int32: String] = [
            40: stat("sh", parent: 30, started: 90), 30: stat("bash", parent: 1, started: 91),
        ]
        #expect(verdict(40, jails: [], processes) == .unknown)
    }

    @Test("a chain that never ends is not followed for ever")
    func loop() {
        let processes: [Int32: String] = [40: stat("a", parent: 41, started: 9), 41: stat("b", parent: 40, started: 9)]
        #expect(verdict(40, jails: [], processes) == .unknown)
    }
}
