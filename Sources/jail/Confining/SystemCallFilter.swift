// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CSeccomp
import JailPlan
import Linux

/// The system calls of a jail, as seccomp filters made by libseccomp.
///
/// Two filters, because the kernel takes the strictest answer of all: one for what no jail may do, whose rules look
/// at arguments and which no profile can loosen; one for the profile's list of calls. Either refuses the 32-bit and x32
/// entries into the kernel by ending the process, which is libseccomp's default for foreign architectures.
enum SystemCallFilter {
    private static let allow: UInt32 = 0x7FFF_0000
    private static let killProcess: UInt32 = 0x8000_0000

    private static func refuse(_ number: Int32) -> UInt32 { 0x0005_0000 | UInt32(number) }

    /// Decided by the first filter alone, with its own answers.
    private static let ownRules: Set<String> = ["clone3", "setns", "unshare"]

    /// Both filters. Nothing that they refuse can be had back.
    static func apply(_ policy: JailPlan.SystemCallPolicy) throws(JailFailure) {
        try load(default: allow) { (filter) throws(JailFailure) in
            for name in ["unshare", "setns"] { try filter.add(refuse(EPERM), name) }
            // Its flags are in memory, where a filter cannot look: ENOSYS makes the C library use clone instead.
            try filter.add(refuse(ENOSYS), "clone3")
            for bit in [CL.newNamespace, CL.newCgroup, CL.newUTS, CL.newIPC, CL.newUser, CL.newPID, CL.newNetwork] {
                try filter.add(refuse(EPERM), "clone", argument: CL.flagsArgument, mask: bit, equals: bit)
            }
            // Typing into the terminal that started us (CVE-2017-5226), by either call that can. The kernel looks at
            // the low 32 bits of the command only, and so must we (CVE-2019-10063).
            for command: UInt64 in [0x5412, 0x541C] {
                try filter.add(refuse(EPERM), "ioctl", argument: 1, mask: 0xFFFF_FFFF, equals: command)
            }
        }
        // ENOSYS for what neither list knows, so that a C library falls back from calls newer than this program.
        try load(default: refuse(ENOSYS)) { (filter) throws(JailFailure) in
            for name in Set(policy.allowed).union(ownRules) { try filter.add(allow, name) }
            let refusal =
                switch policy.refusal {
                case .errno(let number): refuse(number)
                case .kill: killProcess
                }
            // libseccomp refuses a rule whose action is the default's.
            guard refusal != refuse(ENOSYS) else { return }
            for name in Set(policy.refused).subtracting(policy.allowed).subtracting(ownRules) {
                try filter.add(refusal, name)
            }
        }
    }

    /// Makes a filter and puts it in force for this process and all that it starts.
    static func load(
        default action: UInt32, _ rules: (Filter) throws(JailFailure) -> Void
    ) throws(JailFailure) {
        guard let context = seccomp_init(action) else {
            throw JailFailure(stage: "seccomp", action: "cannot make a system call filter: out of memory")
        }
        defer { seccomp_release(context) }
        // A binary tree over the numbers: about nine comparisons a call instead of four hundred (libseccomp 2.5).
        _ = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2)
        try rules(Filter(context: context))
        let result = seccomp_load(context)
        if result != 0 {
            throw JailFailure(stage: "seccomp", SystemError("load the system call filter", errno: -result))
        }
    }

    /// A filter while its rules are added.
    struct Filter {
        let context: scmp_filter_ctx

        /// An unknown name is skipped: it may be another architecture's, or newer than this libseccomp.
        func add(_ action: UInt32, _ name: String) throws(JailFailure) {
            try add(action, name, [])
        }

        func add(_ action: UInt32, _ name: String, argument: UInt32, mask: UInt64, equals value: UInt64)
            throws(JailFailure)
        {
            try add(
                action, name,
                [scmp_arg_cmp(arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value)])
        }

        private func add(_ action: UInt32, _ name: String, _ conditions: [scmp_arg_cmp]) throws(JailFailure) {
            let number = seccomp_syscall_resolve_name(name)
            // Negative: a call of another architecture (libseccomp's pseudo numbers), or no call at all (-1).
            guard number >= 0 else { return }
            let result = seccomp_rule_add_array(context, action, number, UInt32(conditions.count), conditions)
            if result != 0 {
                throw JailFailure(stage: "seccomp", SystemError("add a rule for", name, errno: -result))
            }
        }
    }
}

/// The flags of clone(2) that make namespaces, and where they are among its arguments.
private enum CL {
    static let newNamespace: UInt64 = 0x0002_0000
    static let newCgroup: UInt64 = 0x0200_0000
    static let newUTS: UInt64 = 0x0400_0000
    static let newIPC: UInt64 = 0x0800_0000
    static let newUser: UInt64 = 0x1000_0000
    static let newPID: UInt64 = 0x2000_0000
    static let newNetwork: UInt64 = 0x4000_0000

    #if arch(s390x)
        static let flagsArgument: UInt32 = 1
    #else
        static let flagsArgument: UInt32 = 0
    #endif
}
