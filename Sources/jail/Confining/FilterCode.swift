// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import CSeccomp
import Linux

/// A piece of a system call filter: classic BPF over `struct seccomp_data` (seccomp(2)).
///
/// Our own assembler, because libseccomp knows neither rules in an order nor two conditions on one argument, and takes
/// milliseconds for what are a hundred instructions. What it is kept for is the numbers of the calls.
typealias FilterCode = [sock_filter]

/// What the kernel does about a call. Of several filters' answers it takes the strictest, which is the lowest here.
enum FilterAnswer {
    static let killProcess: UInt32 = 0x8000_0000
    static let log: UInt32 = 0x7FFC_0000
    static let allow: UInt32 = 0x7FFF_0000
    static let notify: UInt32 = 0x7FC0_0000
    static func fail(_ number: Int32) -> UInt32 { 0x0005_0000 | UInt32(number) }
}

extension FilterCode {
    /// The filter, from `decide`, which finds the call's number loaded and has to return on every path.
    ///
    /// Ends the process for calls through any other entry into the kernel, whose numbers mean other calls: 32-bit ones
    /// and, on x86-64, x32's. -1 is no call, but how a tracer has one skipped.
    static func filter(_ decide: FilterCode) -> FilterCode {
        let kill = answer(FilterAnswer.killProcess)
        var code = [load(4), jump(.equal, seccomp_arch_native(), 1, 0)] + kill + [load(0)]
        #if arch(x86_64)
            code += when(.greaterOrEqual, 0x4000_0000, when(.equal, UInt32.max, answer(FilterAnswer.allow)) + kill)
        #endif
        return code + decide
    }

    static func answer(_ answer: UInt32) -> FilterCode { [sock_filter(code: 0x06, jt: 0, jf: 0, k: answer)] }

    /// Loads 32 bits of `struct seccomp_data`.
    private static func load(_ offset: UInt32) -> sock_filter { sock_filter(code: 0x20, jt: 0, jf: 0, k: offset) }

    enum Test: UInt16 {
        case equal = 0x15
        case greater = 0x25
        case greaterOrEqual = 0x35
        case anyBit = 0x45
    }

    /// Skips as many instructions as said, by whether the loaded value passes the test.
    static func jump(_ test: Test, _ value: UInt32, _ ifTrue: Int, _ ifFalse: Int) -> sock_filter {
        sock_filter(code: test.rawValue, jt: UInt8(ifTrue), jf: UInt8(ifFalse), k: value)
    }

    /// Skips instructions, however many: the jumps above reach 255 far.
    static func skip(_ count: Int) -> sock_filter { sock_filter(code: 0x05, jt: 0, jf: 0, k: UInt32(count)) }

    /// `code` if the loaded value passes the test, else what comes after it.
    static func when(_ test: Test, _ value: UInt32, _ code: FilterCode) -> FilterCode {
        [jump(test, value, 0, code.count)] + code
    }

    /// Code by call number, found by halving: `ranges` begin at their number, ascend, and the first begins at 0.
    static func byNumber(_ ranges: ArraySlice<(first: UInt32, code: FilterCode)>) -> FilterCode {
        guard ranges.count > 1 else { return ranges.first!.code }
        let middle = ranges.startIndex + ranges.count / 2
        let (low, high) = (byNumber(ranges[..<middle]), byNumber(ranges[middle...]))
        let first = ranges[middle].first
        let branch =
            low.count < 256
            ? [jump(.greaterOrEqual, first, low.count, 0)]
            : [jump(.greaterOrEqual, first, 0, 1), skip(low.count)]
        return branch + low + high
    }
}

/// One half of an argument of a call, as a filter can load it.
enum FilterArgument {
    #if _endian(little)
        private static let lowOffset: UInt32 = 0
    #else
        private static let lowOffset: UInt32 = 4
    #endif

    static func low(_ argument: UInt32) -> sock_filter { half(16 + 8 * argument + lowOffset) }
    static func high(_ argument: UInt32) -> sock_filter { half(16 + 8 * argument + (4 - lowOffset)) }

    private static func half(_ offset: UInt32) -> sock_filter { sock_filter(code: 0x20, jt: 0, jf: 0, k: offset) }

    /// Keeps only these bits of what is loaded.
    static func mask(_ bits: UInt32) -> sock_filter { sock_filter(code: 0x54, jt: 0, jf: 0, k: bits) }
}

extension UInt32 {
    /// The number of a system call of this machine by its name, or nil: it may be another architecture's, or newer
    /// than this libseccomp.
    init?(systemCall name: String) {
        let number = seccomp_syscall_resolve_name(name)
        // Negative: libseccomp's pseudo numbers for calls that only others have, or no call at all (-1).
        guard number >= 0 else { return nil }
        self = UInt32(number)
    }
}
