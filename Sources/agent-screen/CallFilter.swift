// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import Linux

/// The system calls that are left: to read requests, to write answers, and to get and return memory. Any other ends the
/// process. Made by hand, as classic BPF (seccomp(2)), because libseccomp would be most of this program.
enum CallFilter {
    static func load() throws(SystemError) { try Seccomp.load(program) }

    private static let allow: UInt32 = 0x7FFF_0000
    private static let killProcess: UInt32 = 0x8000_0000

    static var program: [sock_filter] {
        var code = [load(Offset.architecture), jump(cl_audit_arch, 1, 0), answer(killProcess), load(Offset.number)]
        for call in unconditional { code += [jump(call, 0, 1), answer(allow)] }
        code += when(cl_nr_read, argument: 0, isAnyOf: [0])
        code += when(cl_nr_write, argument: 0, isAnyOf: [1, 2])
        // Memory to be written: PROT_NONE, PROT_READ or both of PROT_READ and PROT_WRITE; never to be executed.
        code += when(cl_nr_mmap, argument: 2, isAnyOf: [0, 1, 3])
        // x32's calls have numbers of their own (0x4000_0000 and up), so they are not among these.
        return code + [answer(killProcess)]
    }

    private static let unconditional = [
        // The allocator's.
        cl_nr_brk, cl_nr_munmap, cl_nr_mremap, cl_nr_madvise,
        // The Swift runtime's: locks, the seed of hashing.
        cl_nr_futex, cl_nr_getrandom, cl_nr_clock_gettime,
        cl_nr_rt_sigreturn, cl_nr_exit, cl_nr_exit_group,
    ]

    /// The places of `struct seccomp_data`. Of an argument the low half: of a descriptor the kernel takes no more, and
    /// of mmap(2)'s protection, which has 64 bits, no bit above means anything.
    private enum Offset {
        static let number: UInt32 = 0
        static let architecture: UInt32 = 4
        static func argument(_ index: UInt32) -> UInt32 {
            #if _endian(little)
                16 + 8 * index
            #else
                16 + 8 * index + 4
            #endif
        }
    }

    private static func when(_ call: UInt32, argument: UInt32, isAnyOf values: [UInt32]) -> [sock_filter] {
        var decision = [load(Offset.argument(argument))]
        for value in values { decision += [jump(value, 0, 1), answer(allow)] }
        decision.append(answer(killProcess))
        return [jump(call, 0, UInt8(decision.count))] + decision
    }

    private static func load(_ offset: UInt32) -> sock_filter { sock_filter(code: 0x20, jt: 0, jf: 0, k: offset) }

    /// Skips as many instructions, by whether what is loaded equals the value.
    private static func jump(_ value: UInt32, _ ifEqual: UInt8, _ ifNot: UInt8) -> sock_filter {
        sock_filter(code: 0x15, jt: ifEqual, jf: ifNot, k: value)
    }

    private static func answer(_ answer: UInt32) -> sock_filter { sock_filter(code: 0x06, jt: 0, jf: 0, k: answer) }
}
