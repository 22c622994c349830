// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

package enum Clock {
    /// Nanoseconds since the epoch: to show, never to measure with.
    package static func wall() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    /// Nanoseconds since the epoch, as the kernel stamps files with: no file that is changed later bears an earlier
    /// time.
    package static func fileTime() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    /// Milliseconds since the machine started, suspensions included.
    package static func boot() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
