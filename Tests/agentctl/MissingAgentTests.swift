// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

@testable import agentctl

@Suite("What was meant")
struct MissingAgentTests {
    private static func agents(_ live: [String], ended: [String] = []) throws -> [Agent] {
        try live.map { try sampleAgent(name: $0) }
            + ended.map {
                var agent = try sampleAgent(name: $0)
                agent.state = .exited
                return agent
            }
    }

    @Test("a name that is near is suggested, else it is said where the others are")
    func hints() throws {
        let hint = MissingAgent.hint
        #expect(try hint("fix-tset", Self.agents(["fix-test", "other"])) == "did you mean \"fix-test\"?")
        #expect(try hint("foo", Self.agents([])) == "you have no agents; \"agentctl start\" starts one")
        #expect(
            try hint("foo", Self.agents([], ended: ["a", "b", "c"])) == "\"agentctl list --all\" shows 3 ended ones")
        #expect(try hint("foo", Self.agents(["a"])) == "\"agentctl list\" shows the one that there is")
        #expect(
            try hint("foo", Self.agents(["a", "b"], ended: ["c"]))
                == "\"agentctl list\" shows 2, \"agentctl list --all\" 1 ended one as well")
    }

    @Test("near is a letter more, fewer, other or swapped, and a beginning")
    func near() {
        func near(_ typed: String, _ names: String...) -> [String] { NearestNames.of(typed, among: names) }
        #expect(near("lsit", "list", "logs", "send") == ["list"])
        #expect(near("attch", "attach") == ["attach"])
        #expect(near("Worker", "worker") == ["worker"])
        #expect(near("comp", "completion", "complain") == ["complain", "completion"])
        #expect(near("zzz", "list").isEmpty)
        #expect(near("", "list").isEmpty)
        #expect(near("stop", "step", "stob", "atop", "stoop").count == 3)
        #expect(NearestNames.text(["a", "b", "c"]) == "\"a\", \"b\" or \"c\"")
    }
}
