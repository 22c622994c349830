// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Processor time, and the memory of the largest process, as the kernel accounts for them by process.
package struct ProcessUsage: Codable, Sendable, Equatable {
    /// Microseconds.
    package var user: Int64 = 0
    package var system: Int64 = 0
    /// Bytes that the largest process had in memory at most, of those that have ended.
    package var largest: Int64 = 0

    package init() {}

    init(_ usage: cl_usage) {
        user = usage.user
        system = usage.system
        largest = usage.largest * 1024
    }

    /// What all processes of this pid namespace have used, asked by its first process: each that lives, with those of
    /// its children that have ended and that it has waited for. Children of one that ignores SIGCHLD are counted by
    /// nobody once they have ended (sigaction(2), SA_NOCLDWAIT).
    ///
    /// - Parameter proc: the root of a /proc that hides none of them.
    package static func ofThisNamespace(proc: Int32) -> ProcessUsage {
        var usage = ProcessUsage()
        var children = cl_usage()
        if cl_used_by_children(&children) == 0 { usage.largest = ProcessUsage(children).largest }
        for name in (try? Files.names(in: ".", at: proc)) ?? [] {
            guard name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { continue }
            // One that ends just now is counted among the ended the next time.
            guard let file = try? Files.open("\(name)/stat", O_RDONLY, at: proc),
                let bytes = try? Files.readAll(file.number),
                let one = ProcessUsage(stat: String(decoding: bytes, as: UTF8.self))
            else { continue }
            usage.user += one.user
            usage.system += one.system
        }
        return usage
    }

    /// From the text of /proc/PID/stat (proc_pid_stat(5)): utime and cutime, stime and cstime.
    package init?(stat: String) {
        // The name before the last parenthesis is the process's own choice, parentheses and blanks included.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        let ticks = fields.dropFirst(11).prefix(4).compactMap { Int64($0) }
        guard ticks.count == 4 else { return nil }
        let microseconds = 1_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK)))
        user = (ticks[0] + ticks[2]) * microseconds
        system = (ticks[1] + ticks[3]) * microseconds
    }

    package static func + (left: ProcessUsage, right: ProcessUsage) -> ProcessUsage {
        var sum = left
        sum.user += right.user
        sum.system += right.system
        sum.largest = max(left.largest, right.largest)
        return sum
    }
}
