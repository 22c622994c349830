// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import JailPlan
import Testing

@testable import Profiles

@Suite("A rule for a system call")
struct SystemCallRuleTests {
    typealias Condition = JailPlan.SystemCallRule.Condition

    @Test(
        "has conditions on its arguments",
        arguments: [
            ("0 == 3", Condition(argument: 0, comparison: .equal, value: 3)),
            ("5 != 0x10", Condition(argument: 5, comparison: .notEqual, value: 16)),
            ("1 < 18446744073709551615", Condition(argument: 1, comparison: .less, value: .max)),
            ("1 <= 2", Condition(argument: 1, comparison: .lessOrEqual, value: 2)),
            ("1 > 2", Condition(argument: 1, comparison: .greater, value: 2)),
            ("1 >= 0xffffffffffffffff", Condition(argument: 1, comparison: .greaterOrEqual, value: .max)),
            ("2 & 0xff == 0x03", Condition(argument: 2, comparison: .equalUnder(mask: 0xFF), value: 3)),
        ])
    func conditions(_ text: String, _ condition: Condition) throws {
        #expect(try Condition.parse(text).get() == condition)
    }

    @Test(
        "refuses what is no condition",
        arguments: [
            "", "0", "0 ==", "0 == x", "6 == 1", "-1 == 1", "00 == 1", "0 = 1", "0 & 3", "0 & 3 != 1", "0 & x == 1",
            "0 & 1 == 2", "0 == 18446744073709551616", "0 == 0x", "0 == +1", "0 == 0x+1", "0 == 1 2", "a == 1",
        ])
    func faults(_ text: String) {
        #expect(throws: ConditionFault.self) { try Condition.parse(text).get() }
    }

    private func policy(_ text: String) throws -> JailPlan.SystemCallPolicy {
        try Scratch().profile("seccomp:\n\(text)").systemCalls
    }

    @Test("says what is wrong with it, and where")
    func findings() throws {
        let scratch = try Scratch()
        #expect(
            try scratch.findings(
                """
                seccomp:
                  allow:
                    - read
                    - {when: ["0 == 1"]}
                    - {call: "@mount", when: ["0 == 1"]}
                    - {call: socket, when: ["1 = 3"], action: kill}
                    - {call: reed}
                    - [read]
                  deny:
                    - {call: socket, when: ["1 > 3", "1"], action: EPREM}
                """) == [
                    "4:7 a rule needs a \"call\"",
                    "5:14 conditions are about one call's arguments, and \"@mount\" is a group",
                    "6:29 \"=\" is no comparison; there are == != < <= > >= and & with ==",
                    "6:47 \"action\" is one of log, not \"kill\"",
                    "7:14 unknown system call \"reed\"; did you mean \"read\"?",
                    "8:7 expected a system call, a group, or {call: …, when: …}, found a list",
                    "10:38 \"1\" is no condition: write the argument's number, a comparison and a value, "
                        + "such as \"0 == 3\", \"1 >= 0x10\" or \"0 & 0xff == 3\"",
                    "10:52 \"action\" is one of EPERM, EACCES, ENOSYS, EINVAL, EOPNOTSUPP, kill, not \"EPREM\"; "
                        + "did you mean \"EPERM\"?",
                ])
    }

    @Test("looks at an argument as often as it likes, and has at most sixteen conditions")
    func many() throws {
        let range = try policy("  allow: [{call: read, when: [\"2 > 3\", \"2 < 9\"]}]\n").rules
        #expect(range.first?.conditions.count == 2)
        let conditions = [String](repeating: "\"0 == 1\"", count: 17).joined(separator: ", ")
        #expect(
            try Scratch().findings("seccomp: {allow: [{call: read, when: [\(conditions)]}]}\n") == [
                "1:19 a rule has at most 16 conditions"
            ])
    }

    @Test("with conditions allows a call under them only, whatever group has it, and deny wins")
    func conditionalPermission() throws {
        let policy = try policy(
            """
              allow: ["@system-service", {call: personality, when: ["0 == 0"]}, {call: kcmp, when: ["0 == 1"]}]
              deny: [kcmp]
            """)
        #expect(policy.refused.contains("personality") && policy.refused.contains("kcmp"))
        #expect(
            policy.rules == [
                .init(
                    call: "personality", action: .allow,
                    conditions: [.init(argument: 0, comparison: .equal, value: 0)])
            ])
    }

    @Test("refuses before another allows, the special case before the general one")
    func order() throws {
        let rules = try policy(
            """
              default: ENOSYS
              allow: [{call: socket, when: ["0 == 1"]}, {call: read, action: log}]
              deny: [{call: socket, action: EINVAL}, {call: ioctl, when: ["1 == 2"]}, {call: "@keyring", action: kill}]
            """
        ).rules
        #expect(rules.map(\.call) == ["ioctl", "socket", "add_key", "keyctl", "request_key", "read"])
        #expect(rules[0].action == .refuse(.errno(ENOSYS)))
        #expect(rules[1] == .init(call: "socket", action: .refuse(.errno(EINVAL))))
        #expect(rules[2].action == .refuse(.kill) && rules[5].action == .log)
    }

    @Test("that refuses a value also refuses it with the upper half of the argument set (CVE-2019-10063)")
    func upperHalf() throws {
        func deny(_ condition: String) throws -> Condition? {
            try policy("  allow: [ioctl]\n  deny: [{call: ioctl, when: [\"\(condition)\"]}]\n").rules.first?.conditions
                .first
        }
        #expect(
            try deny("1 == 0x5412")
                == .init(argument: 1, comparison: .equalUnder(mask: 0xFFFF_FFFF), value: 0x5412))
        #expect(try deny("1 == 0x100000000") == .init(argument: 1, comparison: .equal, value: 1 << 32))
        #expect(try deny("1 & 0xff == 1") == .init(argument: 1, comparison: .equalUnder(mask: 0xFF), value: 1))
    }
}
