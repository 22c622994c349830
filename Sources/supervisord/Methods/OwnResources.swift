// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux

/// What this process uses.
enum OwnResources {
    /// Blocks for a moment.
    static func now() throws -> SupervisorStatus.Result.Resources {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let time = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Int64($1.tv_sec) * 1_000_000 + Int64($1.tv_usec) }
        // The second field, in pages (proc_pid_statm(5)).
        let file = try Files.open("/proc/self/statm", O_RDONLY)
        let fields = String(decoding: try Files.readAll(file.number), as: UTF8.self).split(separator: " ")
        let pages = fields.count > 1 ? Int64(fields[1]) ?? 0 : 0
        return .init(
            memory: pages * Int64(sysconf(Int32(_SC_PAGESIZE))), cpuMicroseconds: time,
            threads: try Files.names(in: "/proc/self/task", at: AT_FDCWD).count,
            openFiles: try Files.names(in: "/proc/self/fd", at: AT_FDCWD).count - 1)
    }
}
