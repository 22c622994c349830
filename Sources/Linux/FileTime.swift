// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A time stamp of a file's. As nanoseconds it would not fit into 64 bits: file systems keep years that nobody will see,
/// and anybody may set them (utimensat(2)).
package struct FileTime: Comparable, Hashable, Sendable {
    /// Since the epoch, rounded down.
    package let seconds: Int
    package let nanoseconds: Int

    package init(_ time: timespec) {
        seconds = time.tv_sec
        nanoseconds = time.tv_nsec
    }

    /// - Parameter nanosecondsSinceEpoch: as `Clock.fileTime()` gives them.
    package init(nanosecondsSinceEpoch: Int64) {
        let (quotient, rest) = nanosecondsSinceEpoch.quotientAndRemainder(dividingBy: 1_000_000_000)
        // A time before the epoch counts its nanoseconds upwards too (timespec(3)).
        seconds = Int(rest < 0 ? quotient - 1 : quotient)
        nanoseconds = Int(rest < 0 ? rest + 1_000_000_000 : rest)
    }

    package static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    var timespec: timespec { .init(tv_sec: seconds, tv_nsec: nanoseconds) }
}
