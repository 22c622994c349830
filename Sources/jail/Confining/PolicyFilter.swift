// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// A plan's policy for system calls, made into filters.
enum PolicyFilter {
    struct Compiled {
        var program: FilterCode
        var notifies: Bool
    }

    /// The answer of a notifying filter carries what its listener is to do: an errno, or this for ending the process.
    /// The kernel has no use for these bits of it.
    static let notifyKill: UInt32 = 0xFFFF
    /// Likewise, for making the call itself if its socket may.
    static let notifyListen: UInt32 = 0xFFFE
    /// Likewise, for taking down what is asked for, and letting it go on.
    static let notifyObserve: UInt32 = 0xFFFD

    /// In the order in which they are put in force.
    static func compile(_ policy: JailPlan.SystemCallPolicy) throws(JailFailure) -> [Compiled] {
        let verdicts = try Verdicts(policy)
        var codes = verdicts.codes(notifying: policy.log)
        let otherwise = FilterCode.answer(word(.errno(ENOSYS), notifying: policy.log))
        // These two hand the listener to whoever answers. Nobody would answer if they were refused by notifying, so
        // that is left to a filter that comes after them.
        var late: [UInt32: FilterCode] = [:]
        if policy.log {
            let quiet = verdicts.codes(notifying: false)
            for number in ["sendmsg", "seccomp"].compactMap(UInt32.init(systemCall:)) {
                let code = quiet[number] ?? .answer(word(.errno(ENOSYS), notifying: false))
                codes[number] = allow
                if code.count != 1 || code[0].k != FilterAnswer.allow { late[number] = code }
            }
        }
        var filters = [
            Compiled(
                program: .filter(.byNumber(codes, otherwise: otherwise)),
                notifies: policy.log || policy.guardsListening || policy.observes
            )
        ]
        if !late.isEmpty {
            filters.append(Compiled(program: .filter(.byNumber(late, otherwise: allow)), notifies: false))
        }
        for filter in filters where filter.program.count > Seccomp.maximumLength {
            throw JailFailure(
                stage: "seccomp",
                action: "the system call filter has \(filter.program.count) instructions, more than "
                    + "the kernel takes (\(Seccomp.maximumLength))", hint: "the profile has too many rules")
        }
        return filters
    }

    private static let allow = FilterCode.answer(FilterAnswer.allow)

    fileprivate static func word(_ refusal: JailPlan.Refusal, notifying: Bool) -> UInt32 {
        switch (refusal, notifying) {
        case (.errno(let number), false): FilterAnswer.fail(number)
        case (.errno(let number), true): FilterAnswer.notify | UInt32(number)
        case (.kill, false): FilterAnswer.killProcess
        case (.kill, true): FilterAnswer.notify | notifyKill
        }
    }
}

/// What a policy says of each call.
private struct Verdicts {
    private enum Verdict {
        case allowed
        case refused(JailPlan.Refusal)
    }

    private var lists: [UInt32: Verdict] = [:]
    private var rules: [UInt32: [JailPlan.SystemCallRule]] = [:]
    private let families: Set<Int32>?
    private let guardsListening: Bool
    private let observes: Bool

    init(_ policy: JailPlan.SystemCallPolicy) throws(JailFailure) {
        try Verdicts.check(policy)
        for name in policy.refused {
            if let number = UInt32(systemCall: name) { lists[number] = .refused(policy.refusal) }
        }
        for name in policy.allowed + HardFilter.calls {
            if let number = UInt32(systemCall: name) { lists[number] = .allowed }
        }
        for rule in policy.rules {
            if let number = UInt32(systemCall: rule.call) { rules[number, default: []].append(rule) }
        }
        families = policy.socketFamilies.map(Set.init)
        guardsListening = policy.guardsListening
        observes = policy.observes
        if !allowsRings, let number = UInt32(systemCall: "io_uring_setup") {
            lists[number] = .refused(.errno(ENOSYS))
            rules[number] = rules[number]?.filter { $0.action.refuses }
        }
    }

    /// A ring makes calls in the kernel, where no filter sees them: it would do for the asking what the policy refuses,
    /// or allows with some arguments only. So there are none unless all that a ring can do is allowed as it is, and
    /// nobody looks on.
    private var allowsRings: Bool {
        families == nil && !observes
            && Verdicts.ringCalls.allSatisfy { name in
                guard let number = UInt32(systemCall: name) else { return true }
                guard case .allowed = lists[number] else { return false }
                return rules[number] == nil
            }
    }

    /// Calls that have an operation of io_uring's beside them, as of kernel 6.18, IORING_OP_URING_CMD's of sockets and
    /// devices among them.
    private static let ringCalls = [
        "accept4", "bind", "close", "connect", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "fadvise64",
        "fallocate", "fgetxattr", "fsetxattr", "fsync", "ftruncate", "futex", "futex_wait", "futex_waitv", "futex_wake",
        "getsockname", "getsockopt", "getxattr", "ioctl", "linkat", "listen", "madvise", "mkdirat", "openat", "openat2",
        "pipe2", "poll", "ppoll", "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readv",
        "recvfrom", "recvmsg", "renameat2", "sendmsg", "sendto", "setsockopt", "setxattr", "shutdown", "socket",
        "splice", "statx", "symlinkat", "sync_file_range", "tee", "unlinkat", "waitid", "write", "writev",
    ]

    private static let packetFamily: Int32 = 17

    func codes(notifying: Bool) -> [UInt32: FilterCode] {
        var result: [UInt32: FilterCode] = [:]
        let sockets = Set(["socket", "socketpair"].compactMap(UInt32.init(systemCall:)))
        let listening = guardsListening ? UInt32(systemCall: "listen") : nil
        for number in Set(lists.keys).union(rules.keys) {
            let family = sockets.contains(number) ? families : nil
            func allowed(_ word: UInt32) -> FilterCode {
                if number == listening { return .answer(FilterAnswer.notify | PolicyFilter.notifyListen) }
                if observes, word == FilterAnswer.allow, ObservedCall.all[Int32(bitPattern: number)] != nil {
                    return .answer(FilterAnswer.notify | PolicyFilter.notifyObserve)
                }
                guard let family else { return .answer(word) }
                let refused = FilterCode.answer(PolicyFilter.word(.errno(EAFNOSUPPORT), notifying: notifying))
                // An int, so by its low 32 bits.
                let code =
                    [FilterArgument.low(0)]
                    + family.sorted().flatMap { FilterCode.when(.equal, UInt32(bitPattern: $0), .answer(word)) }
                    + refused
                guard !family.contains(Verdicts.packetFamily) else { return code }
                // AF_INET with SOCK_PACKET (10, below the flags) has been another name for that family since 2.2
                // (packet(7)).
                let otherName =
                    [FilterArgument.low(1), FilterArgument.mask(0xF)] + FilterCode.when(.equal, 10, refused)
                return [FilterArgument.low(0)] + .when(.equal, UInt32(AF_INET), otherName) + code
            }
            var code: FilterCode = []
            for rule in rules[number] ?? [] {
                var then: FilterCode
                switch rule.action {
                case .allow: then = allowed(FilterAnswer.allow)
                case .log: then = allowed(FilterAnswer.log)
                case .refuse(let refusal): then = .answer(PolicyFilter.word(refusal, notifying: notifying))
                }
                for condition in rule.conditions.reversed() {
                    then = condition.code(refusing: rule.action.refuses, then: then)
                }
                code += then
            }
            switch lists[number] ?? .refused(.errno(ENOSYS)) {
            case .refused(let refusal): code += .answer(PolicyFilter.word(refusal, notifying: notifying))
            case .allowed: code += allowed(FilterAnswer.allow)
            }
            result[number] = code
        }
        return result
    }

    /// Jumps reach 255 instructions far; the numbers here keep well below that, and above all that anyone needs.
    private static func check(_ policy: JailPlan.SystemCallPolicy) throws(JailFailure) {
        var refusals = [policy.refusal]
        for rule in policy.rules {
            if case .refuse(let refusal) = rule.action { refusals.append(refusal) }
            guard rule.conditions.count <= 16, rule.conditions.allSatisfy({ $0.argument < 6 }) else {
                throw JailFailure(
                    stage: "seccomp",
                    action: "a rule for \(rule.call) has more than 16 conditions, or one on an "
                        + "argument that no call has: they are numbered 0 to 5")
            }
        }
        for case .errno(let number) in refusals where !(1...4095).contains(number) {
            throw JailFailure(stage: "seccomp", action: "a refused call cannot fail with errno \(number)")
        }
        guard policy.socketFamilies?.count ?? 0 <= 64 else {
            throw JailFailure(stage: "seccomp", action: "more than 64 socket families are allowed")
        }
    }
}

extension JailPlan.SystemCallRule.Action {
    fileprivate var refuses: Bool {
        if case .refuse = self { true } else { false }
    }
}
