// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// How the kernel schedules the calling process, and all that it starts from then on.
package enum SchedulingCalls {
    /// -20 (first) to 19 (last), setpriority(2).
    package static func setNice(_ value: Int32) throws(SystemError) {
        try check("set the priority") { setpriority(__priority_which_t(0), 0, value) }
    }

    /// -1000 to 1000, proc_pid_oom_score_adj(5).
    package static func setOOMScoreAdjustment(_ value: Int32) throws(SystemError) {
        let file = try Files.open("/proc/self/oom_score_adj", O_WRONLY)
        try Files.write(Array("\(value)".utf8), to: file.number)
    }

    /// A class (2 is best-effort, 3 idle) and a level in it (ioprio_set(2)).
    package static func setIOPriority(schedulingClass: Int32, level: Int32) throws(SystemError) {
        try check("set the I/O priority") { cl_ioprio_set_self(schedulingClass << 13 | level) }
    }

    /// Numbers of the processors that this process may run on, ascending (sched_getaffinity(2)).
    package static func processors() throws(SystemError) -> [Int] {
        var mask = [UInt8](repeating: 0, count: maskSize)
        let size = Int(try check("read the processor affinity") { cl_sched_getaffinity(&mask, maskSize) })
        return (0..<size * 8).filter { mask[$0 / 8] & 1 << ($0 % 8) != 0 }
    }

    /// EINVAL when none of them is there. Those that are not are ignored by the kernel.
    package static func setProcessors(_ numbers: [Int]) throws(SystemError) {
        var mask = [UInt8](repeating: 0, count: maskSize)
        for number in numbers {
            guard 0..<maskSize * 8 ~= number else { throw SystemError("use processor", "\(number)", errno: EINVAL) }
            mask[number / 8] |= 1 << (number % 8)
        }
        try check("set the processor affinity") { cl_sched_setaffinity(mask, maskSize) }
    }

    /// In bytes, for as many processors as any kernel has been built for (8192).
    private static let maskSize = 1024

    /// Adds bits to the personality, which the next program starts with (personality(2)).
    package static func addPersonality(_ bits: UInt64) throws(SystemError) {
        let present = try check("read the personality") { cl_personality(0xFFFF_FFFF) }
        try check("set the personality") { cl_personality(UInt(UInt32(bitPattern: present)) | UInt(bits)) }
    }
}
