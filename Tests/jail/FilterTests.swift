// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import CSeccomp
import FoundationEssentials
import JailPlan
import Linux
import Testing

@testable import jail

@Suite("system call filters") struct FilterTests {
    private func call(_ name: String, _ arguments: UInt64...) -> seccomp_data {
        call(number: seccomp_syscall_resolve_name(name), arguments)
    }

    private func call(number: Int32, _ arguments: [UInt64] = [], arch: UInt32? = nil) -> seccomp_data {
        var data = seccomp_data()
        data.nr = number
        data.arch = arch ?? seccomp_arch_native()
        withUnsafeMutableBytes(of: &data.args) { bytes in
            for (index, argument) in arguments.enumerated() {
                bytes.storeBytes(of: argument, toByteOffset: index * 8, as: UInt64.self)
            }
        }
        return data
    }

    private func answer(_ policy: JailPlan.SystemCallPolicy, _ call: seccomp_data) throws -> UInt32 {
        let answers = try PolicyFilter.compile(policy).map { FilterDecision.answer(of: $0.program, to: call) }
        // As the kernel: the strictest, by the number as a signed one.
        return answers.min { Int32(bitPattern: $0 & 0xFFFF_0000) < Int32(bitPattern: $1 & 0xFFFF_0000) }!
    }

    private func rule(
        _ action: JailPlan.SystemCallRule.Action, _ comparison: JailPlan.SystemCallRule.Condition.Comparison,
        _ value: UInt64, otherwise allowed: Bool
    ) -> JailPlan.SystemCallPolicy {
        .init(
            allowed: allowed ? ["personality"] : [], refused: allowed ? [] : ["personality"], refusal: .errno(EPERM),
            rules: [
                .init(
                    call: "personality", action: action,
                    conditions: [.init(argument: 0, comparison: comparison, value: value)])
            ])
    }

    @Test("compare all 64 bits of an argument, as unsigned numbers")
    func comparisons() throws {
        let values: [UInt64] = [
            0, 1, 7, 8, 9, 0xFFFF_FFFF, 1 << 32, 1 << 32 + 8, 1 << 32 + 9, 5 << 32, 5 << 32 + 8, .max - 1, .max,
        ]
        // Above 32 bits there is one reading only, and both kinds of rule hold for exactly the same.
        for value in values where value >= 1 << 32 {
            for argument in values {
                for (comparison, holds) in [
                    (.equal, argument == value), (.notEqual, argument != value), (.less, argument < value),
                    (.lessOrEqual, argument <= value), (.greater, argument > value),
                    (.greaterOrEqual, argument >= value),
                    (.equalUnder(mask: 0xFF_0000_00FF), argument & 0xFF_0000_00FF == value & 0xFF_0000_00FF),
                ] as [(JailPlan.SystemCallRule.Condition.Comparison, Bool)] {
                    let allowing = rule(.allow, comparison, value, otherwise: false)
                    let allowed = try answer(allowing, call("personality", argument)) == FilterAnswer.allow
                    #expect(allowed == holds, "\(argument) \(comparison) \(value)")
                }
            }
        }
    }

    @Test("take the stricter of the two readings of an argument that the kernel may cut to 32 bits")
    func readings() throws {
        let high: UInt64 = 0x7_0000_0000
        let values: [UInt64] = [0, 1, 7, 8, 9, 0xFFFF_FFFF, high, high + 7, high + 8, high + 9, .max]
        for argument in values {
            let low = argument & 0xFFFF_FFFF
            for (comparison, test) in [
                (.equal, { $0 == 8 }), (.notEqual, { $0 != 8 }), (.less, { $0 < 8 }), (.lessOrEqual, { $0 <= 8 }),
                (.greater, { $0 > 8 }), (.greaterOrEqual, { $0 >= 8 }), (.equalUnder(mask: 9), { $0 & 9 == 8 }),
            ] as [(JailPlan.SystemCallRule.Condition.Comparison, (UInt64) -> Bool)] {
                let allowing = rule(.allow, comparison, 8, otherwise: false)
                let allowed = try answer(allowing, call("personality", argument)) == FilterAnswer.allow
                #expect(allowed == (test(argument) && test(low)), "allow \(argument) \(comparison)")
                let refusing = rule(.refuse(.errno(EACCES)), comparison, 8, otherwise: true)
                let refused = try answer(refusing, call("personality", argument)) == FilterAnswer.fail(EACCES)
                #expect(refused == (test(argument) || test(low)), "refuse \(argument) \(comparison)")
            }
        }
    }

    @Test("decide by the first rule that holds, then by the lists, then ENOSYS")
    func order() throws {
        let policy = JailPlan.SystemCallPolicy(
            allowed: ["read", "kill"], refused: ["kill", "reboot"], refusal: .errno(EPERM),
            rules: [
                .init(
                    call: "kill", action: .refuse(.errno(EACCES)),
                    conditions: [
                        .init(argument: 0, comparison: .equal, value: 1),
                        .init(argument: 1, comparison: .equal, value: 9),
                    ]),
                .init(
                    call: "kill", action: .refuse(.kill),
                    conditions: [.init(argument: 0, comparison: .equal, value: 1)]),
                .init(call: "reboot", action: .log), .init(call: "reboot", action: .refuse(.kill)),
            ])
        #expect(try answer(policy, call("kill", 1, 9)) == FilterAnswer.fail(EACCES))
        #expect(try answer(policy, call("kill", 1, 15)) == FilterAnswer.killProcess)
        #expect(try answer(policy, call("kill", 2, 9)) == FilterAnswer.allow)
        #expect(try answer(policy, call("reboot")) == FilterAnswer.log)
        #expect(try answer(policy, call("read")) == FilterAnswer.allow)
        #expect(try answer(policy, call("write")) == FilterAnswer.fail(ENOSYS))
        #expect(try answer(policy, call(number: 100_000)) == FilterAnswer.fail(ENOSYS))
    }

    @Test("end the process that comes through another entry into the kernel")
    func entries() throws {
        for program in [HardFilter.program(for: plan()), try PolicyFilter.compile(policy(log: true))[0].program] {
            #expect(FilterDecision.answer(of: program, to: call(number: 39, arch: 0x1234)) == FilterAnswer.killProcess)
            #if arch(x86_64)
                let x32 = call(number: 0x4000_0000 + 39)
                #expect(FilterDecision.answer(of: program, to: x32) == FilterAnswer.killProcess)
                #expect(FilterDecision.answer(of: program, to: call(number: -1)) == FilterAnswer.allow)
                #expect(FilterDecision.answer(of: program, to: call(number: -2)) == FilterAnswer.killProcess)
            #endif
        }
    }

    private func policy(log: Bool = false, families: [Int32]? = nil) -> JailPlan.SystemCallPolicy {
        .init(
            allowed: ["getpid", "socket", "execve", "sendmsg"], refused: ["reboot"], refusal: .errno(EPERM),
            socketFamilies: families, log: log)
    }

    private func plan() -> JailPlan {
        JailPlan(
            identity: .init(uid: 1, gid: 1, groups: []), hostname: "h", network: .host, filesystem: [],
            command: .init(arguments: ["x"], environment: [:], workingDirectory: "/"), terminal: .inherit,
            systemCalls: .policy(policy()))
    }

    @Test("leave refused calls to a listener when they are logged, but not those that hand it over")
    func notifying() throws {
        let filters = try PolicyFilter.compile(policy(log: true))
        #expect(filters.map(\.notifies) == [true, false])
        func answers(_ name: String) -> [UInt32] {
            filters.map { FilterDecision.answer(of: $0.program, to: call(name)) }
        }
        #expect(answers("getpid") == [FilterAnswer.allow, FilterAnswer.allow])
        #expect(answers("reboot") == [FilterAnswer.notify | UInt32(EPERM), FilterAnswer.allow])
        #expect(answers("mkdir") == [FilterAnswer.notify | UInt32(ENOSYS), FilterAnswer.allow])
        #expect(answers("sendmsg") == [FilterAnswer.allow, FilterAnswer.allow])
        #expect(answers("seccomp") == [FilterAnswer.allow, FilterAnswer.fail(ENOSYS)])
    }

    @Test("allow the socket families that are named, by their low 32 bits, wherever a rule allows the call")
    func families() throws {
        var policy = policy(families: [1, 2])
        policy.rules = [
            .init(
                call: "socket", action: .allow, conditions: [.init(argument: 1, comparison: .equal, value: 3)])
        ]
        for (family, allowed) in [(1, true), (2, true), (16, false), (1 << 32 + 2, true), (1 << 32 + 16, false)] {
            for type: UInt64 in [1, 3] {
                let expected = allowed ? FilterAnswer.allow : FilterAnswer.fail(EAFNOSUPPORT)
                #expect(try answer(policy, call("socket", UInt64(family), type)) == expected, "\(family)")
            }
        }
        // SOCK_PACKET, with flags and without: AF_PACKET by its old name.
        for type: UInt64 in [10, 10 | 0x80000, 10 | 1 << 32] {
            #expect(try answer(policy, call("socket", 2, type)) == FilterAnswer.fail(EAFNOSUPPORT), "\(type)")
            #expect(try answer(policy, call("socket", 1, type)) == FilterAnswer.allow, "\(type)")
        }
        policy.socketFamilies = [2, 17]
        #expect(try answer(policy, call("socket", 2, 10)) == FilterAnswer.allow)
    }

    @Test("allow no ring where a policy restricts what a ring can do")
    func rings() throws {
        let names = (Int32(0)..<600).compactMap { number -> String? in
            guard let name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), number) else { return nil }
            defer { free(name) }
            return String(cString: name)
        }
        var policy = JailPlan.SystemCallPolicy(allowed: names, refused: [], refusal: .errno(EPERM))
        #expect(try answer(policy, call("io_uring_setup")) == FilterAnswer.allow)
        policy.rules = [.init(call: "io_uring_setup", action: .allow), .init(call: "getpid", action: .refuse(.kill))]
        #expect(try answer(policy, call("io_uring_setup")) == FilterAnswer.allow)
        policy.rules.append(.init(call: "connect", action: .refuse(.errno(EPERM))))
        #expect(try answer(policy, call("io_uring_setup")) == FilterAnswer.fail(ENOSYS))
        for name in ["openat", "setsockopt", "ioctl", "epoll_ctl", "close"] {
            policy.rules = [.init(call: name, action: .refuse(.errno(EPERM)), conditions: [])]
            #expect(try answer(policy, call("io_uring_setup")) == FilterAnswer.fail(ENOSYS), "\(name)")
        }
        policy.rules = []
        policy.allowed.removeAll { $0 == "openat" }
        #expect(try answer(policy, call("io_uring_setup")) == FilterAnswer.fail(ENOSYS))
        policy.allowed = names
        policy.socketFamilies = [1]
        #expect(try answer(policy, call("io_uring_setup")) == FilterAnswer.fail(ENOSYS))
    }

    @Test("are refused when they ask for what no filter can do")
    func nonsense() {
        var policy = policy()
        policy.refusal = .errno(0)
        #expect(throws: JailFailure.self) { try PolicyFilter.compile(policy) }
        policy.refusal = .errno(70_000)
        #expect(throws: JailFailure.self) { try PolicyFilter.compile(policy) }
        policy.refusal = .errno(EPERM)
        policy.rules = [
            .init(call: "read", action: .allow, conditions: [.init(argument: 6, comparison: .equal, value: 0)])
        ]
        #expect(throws: JailFailure.self) { try PolicyFilter.compile(policy) }
        let most = JailPlan.SystemCallRule.Condition(argument: 0, comparison: .lessOrEqual, value: 1 << 40)
        policy.rules = [.init(call: "socket", action: .allow, conditions: Array(repeating: most, count: 16))]
        policy.socketFamilies = Array(0..<64)
        #expect(throws: Never.self) { try PolicyFilter.compile(policy) }
        policy.rules = Array(repeating: policy.rules[0], count: 40)
        #expect(throws: JailFailure.self) { try PolicyFilter.compile(policy) }
    }
}
