// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// What no jail may do, whatever its policy says: a filter of its own, because the kernel takes the strictest answer of
/// all filters, and so nothing can loosen it. Its refusals are the kernel's alone and reported to nobody.
enum HardFilter {
    /// Calls that it decides alone, with its own answers.
    static let calls = ["clone3", "setns", "unshare"]

    static func program(for plan: JailPlan) -> FilterCode {
        var rules: [String: FilterCode] = [
            "unshare": fail(EPERM),
            "setns": fail(EPERM),
            // Its flags are in memory, where a filter cannot look: ENOSYS makes the C library use clone instead.
            "clone3": fail(ENOSYS),
            "clone": [FilterArgument.low(flagsOfClone)] + .when(.anyBit, newNamespaces, fail(EPERM)) + allow,
            // Typing into the terminal that started us (CVE-2017-5226), by either call that can. The kernel looks at
            // the low 32 bits of the command only, and so must we (CVE-2019-10063).
            "ioctl": [FilterArgument.low(1)] + .when(.equal, 0x5412, fail(EPERM))
                + .when(.equal, 0x541C, fail(EPERM)) + allow,
        ]
        rules.merge(firstProcess) { $1 }
        rules.merge(setUserID) { $1 }
        if plan.forbidsCoreDumps { rules.merge(keepingCoreLimit) { $1 } }
        if plan.ports != nil { rules.merge(waysAroundPorts) { hard, _ in hard } }
        // An affinity and a priority are settings that a process may change back by itself.
        if plan.scheduling.processors != nil || plan.scheduling.processorCount != nil {
            rules["sched_setaffinity"] = fail(EPERM)
        }
        if plan.scheduling.ioPriority != nil { rules["ioprio_set"] = fail(EPERM) }
        return .filter(.byNumber(rules, otherwise: allow))
    }

    /// The first process is the owner's as well. Without descriptors it would end, and with a lie about the agent's end
    /// (poll(2) fails when it waits for more than the limit); behind everybody else on one busy processor it would not
    /// hear its keeper. By its number, or as one of all that the owner has: its process group has no number in here.
    private static var firstProcess: [String: FilterCode] {
        let first = [FilterArgument.low(0)] + .when(.equal, 1, fail(EPERM)) + allow
        /// For calls that take what `argument 1` is a number of: a process, a group or a user.
        func who(process: UInt32, user: UInt32) -> FilterCode {
            [FilterArgument.low(0)] + .when(.equal, user, fail(EPERM))
                + .when(.equal, process, [FilterArgument.low(1)] + .when(.equal, 1, fail(EPERM)) + allow) + allow
        }
        return [
            "prlimit64": first, "sched_setaffinity": first, "sched_setattr": first, "sched_setparam": first,
            "sched_setscheduler": first, "setpriority": who(process: 0, user: 2),
            "ioprio_set": who(process: 1, user: 3),
        ]
    }

    /// Landlock's rules for ports see bind(2) and connect(2) of plain TCP sockets only. What else makes a TCP
    /// connection is answered as by a kernel that does not have it: MPTCP (262) and SMC (256, and family 43), which
    /// fall back to TCP on the wire; the address that MSG_FASTOPEN lets a send connect to; and io_uring, whose sockets
    /// and sends no filter sees.
    private static var waysAroundPorts: [String: FilterCode] {
        let socket =
            [FilterArgument.low(0)] + .when(.equal, 43, fail(EAFNOSUPPORT)) + [FilterArgument.low(2)]
            + .when(.equal, 262, fail(EPROTONOSUPPORT)) + .when(.equal, 256, fail(EPROTONOSUPPORT)) + allow
        func send(flags: UInt32) -> FilterCode {
            [FilterArgument.low(flags)] + .when(.anyBit, 0x2000_0000, fail(EOPNOTSUPP)) + allow
        }
        // TCP_ULP of IPPROTO_TCP, by which a TCP socket becomes SMC's.
        let option =
            [FilterArgument.low(1)]
            + .when(.equal, 6, [FilterArgument.low(2)] + .when(.equal, 31, fail(ENOENT)) + allow)
            + allow
        return [
            "setsockopt": option, "socket": socket, "sendto": send(flags: 3), "sendmsg": send(flags: 2),
            "sendmmsg": send(flags: 3),
            "io_uring_setup": fail(ENOSYS),
        ]
    }

    /// Programs that run with the rights of their owner, for whoever executes them: an agent must not leave one where
    /// the host's other users find it. As systemd's RestrictSUIDSGID=, but that the group's bit, which shared
    /// directories have, is let through. openat2(2) has its mode in memory, where a filter cannot look.
    private static var setUserID: [String: FilterCode] {
        let bit: UInt32 = 0o4000
        func mode(_ argument: UInt32) -> FilterCode {
            [FilterArgument.low(argument)] + .when(.anyBit, bit, fail(EPERM)) + allow
        }
        func opening(flags: UInt32) -> FilterCode {
            // The mode is only looked at with O_CREAT or O_TMPFILE, and else is whatever was in the register.
            let creating: UInt32 = 0o100 | 0o20000000
            return [FilterArgument.low(flags)] + .when(.anyBit, creating, mode(flags + 1)) + allow
        }
        return [
            "chmod": mode(1), "fchmod": mode(1), "fchmodat": mode(2), "fchmodat2": mode(2), "creat": mode(1),
            "mknod": mode(1), "mknodat": mode(2), "open": opening(flags: 1), "openat": opening(flags: 2),
            "openat2": fail(ENOSYS),
        ]
    }

    /// A core dump goes to a program of the host's where `kernel.core_pattern` begins with "|", whatever the limit,
    /// unless that is 1 (core(5)); an agent that lowers it to 0 would undo that. It is told that it did.
    private static var keepingCoreLimit: [String: FilterCode] {
        let core: UInt32 = 4
        let setting =
            [FilterArgument.low(2)] + .when(.anyBit, .max, fail(0)) + [FilterArgument.high(2)]
            + .when(.anyBit, .max, fail(0)) + allow
        return [
            "setrlimit": [FilterArgument.low(0)] + .when(.equal, core, fail(0)) + allow,
            "prlimit64": [FilterArgument.low(0)] + .when(.equal, 1, fail(EPERM)) + [FilterArgument.low(1)]
                + .when(.equal, core, setting) + allow,
        ]
    }

    private static let allow = FilterCode.answer(FilterAnswer.allow)
    private static func fail(_ number: Int32) -> FilterCode { FilterCode.answer(FilterAnswer.fail(number)) }

    /// The flags of clone(2) that make namespaces: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. That of
    /// a time namespace means something else there.
    private static let newNamespaces: UInt32 = 0x7E02_0000

    #if arch(s390x)
        private static let flagsOfClone: UInt32 = 1
    #else
        private static let flagsOfClone: UInt32 = 0
    #endif
}

extension JailPlan {
    /// Whether `ProcessLimits` sets the limit of core dumps that means none at all.
    fileprivate var forbidsCoreDumps: Bool {
        limits.contains { $0.resource == "core" && $0.hard.map { $0 <= 1 } ?? false }
    }
}

extension FilterCode {
    /// Code by call name; names that this machine does not have are left out.
    static func byNumber(_ rules: [String: FilterCode], otherwise: FilterCode) -> FilterCode {
        var codes: [UInt32: FilterCode] = [:]
        for (name, code) in rules {
            if let number = UInt32(systemCall: name) { codes[number] = code }
        }
        return byNumber(codes, otherwise: otherwise)
    }

    /// Code by call number. Neighbours with the same code share it.
    static func byNumber(_ codes: [UInt32: FilterCode], otherwise: FilterCode) -> FilterCode {
        var ranges: [(first: UInt32, code: FilterCode)] = [(0, otherwise)]
        func begin(_ first: UInt32, _ code: FilterCode) {
            if ranges.last!.first == first { ranges.removeLast() }
            if let last = ranges.last, last.code.isSame(as: code) { return }
            ranges.append((first, code))
        }
        for (number, code) in codes.sorted(by: { $0.key < $1.key }) {
            begin(number, code)
            begin(number + 1, otherwise)
        }
        return byNumber(ranges[...])
    }

    private func isSame(as other: FilterCode) -> Bool {
        count == other.count
            && zip(self, other).allSatisfy { $0.code == $1.code && $0.jt == $1.jt && $0.jf == $1.jf && $0.k == $1.k }
    }
}
