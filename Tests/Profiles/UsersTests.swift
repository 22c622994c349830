// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Testing

@testable import Profiles

@Suite("The users of a jail") struct UsersTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private typealias IDRange = JailPlan.Identity.IDRange

    private func asking(_ users: String, _ groups: String) throws -> PlanRequest {
        try scratch.write("subuid", users)
        try scratch.write("subgid", groups)
        var request = request()
        request.subordinates = .init(users: scratch.path + "/subuid", groups: scratch.path + "/subgid")
        return request
    }

    @Test("are the owner alone, unless the profile says otherwise")
    func none() throws {
        let plan = try scratch.profile(minimal).plan(asking("ada:100000:65536\n", "ada:100000:65536\n"))
        #expect(plan.identity.users == [] && plan.identity.groupIDs == [] && plan.identity.inside == nil)
    }

    @Test("are those of subuid(5) and subgid(5), around the owner's own number")
    func subordinate() throws {
        let profile = try scratch.profile(minimal + "users: {subordinate: true}\n")
        let plan = try profile.plan(
            asking("bob:1:1\nada:100000:1500\n\n1000:300000:10\nada:x:1\nada:1\n", "ada:200000:100\n"))
        #expect(
            plan.identity.users == [
                IDRange(inside: 0, outside: 100_000, count: 1000), IDRange(inside: 1001, outside: 101_000, count: 500),
                IDRange(inside: 1501, outside: 300_000, count: 10),
            ])
        #expect(plan.identity.groupIDs == [IDRange(inside: 0, outside: 200_000, count: 100)])
        #expect(plan.command.environment["USER"] == "ada")
    }

    @Test("have the owner as root where the profile says so")
    func root() throws {
        let profile = try scratch.profile(minimal + "users: {root: true, subordinate: true}\n")
        let plan = try profile.plan(asking("ada:100000:65536\n", "ada:100000:65536\n"))
        let expected = [IDRange(inside: 1, outside: 100_000, count: 65536)]
        #expect(plan.identity.users == expected && plan.identity.groupIDs == expected)
        #expect(plan.identity.inside == .init(uid: 0, gid: 0) && plan.identity.uid == 1000)
        guard case .file(let passwd, _) = plan["/etc/passwd"] else {
            Issue.record("no passwd")
            return
        }
        #expect(passwd.hasPrefix("root:x:0:0:root:/home/ada:/bin/sh\n"))
        #expect(plan.command.environment["USER"] == "root" && plan.command.environment["HOME"] == "/home/ada")
        #expect(plan.command.environment["PATH"]?.contains("/usr/sbin") == true)
    }

    @Test(
        "that are asked for and cannot be had are named",
        arguments: [
            "", "ada:4294967295:2\n", "bob:1:5\n", "ada:18446744073709551615:18446744073709551615\n", "ada:1:-1\n",
            "ada:99999999999999999999:1\n",
        ])
    func missing(_ text: String) throws {
        let profile = try scratch.profile(minimal + "users: {subordinate: true}\n")
        let asking = try asking("ada:1:5\n", text)
        let error = #expect(throws: PlanError.self) { try profile.plan(asking) }
        #expect(error?.message.contains("subgid") == true && error?.message.contains("usermod") == true)
        let poor = try scratch.profile(minimal + "users: {subordinate: true}\ndegrade: [users.subordinate]\n")
        let plan = try poor.plan(asking)
        #expect(plan.identity.users == [] && plan.identity.groupIDs == [])
        #expect(poor.missing(from: plan) == ["users.subordinate"])
    }

    @Test("of a root of the jail's own come after its own")
    func ownRoot() throws {
        let plan = try scratch.profile(minimal + "filesystem: {copy_on_write: [{path: /, source: /srv/x}]}\n").plan(
            request())
        #expect(
            plan["/etc/group"] == .prefixed(content: "ada:x:1000:\nnogroup:x:65534:\n", mode: 0o644))
    }
}
