// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Whether an agent does nothing: no output and no input, next to no processor time and no I/O, no process that began,
/// and no request under way. So one that waits for its model, or for a tool that works, is not idle; one whose tool
/// hangs is. Values in, values out; moments are milliseconds of CLOCK_BOOTTIME.
struct IdleWatch: Equatable {
    let limit: Int64
    /// Output passes through the keeper; where it does not, any byte that is written counts.
    let seesOutput: Bool
    private var lastActive: Int64
    private var nextSample: Int64
    private var last: (moment: Int64, activity: ProcessActivity)?

    /// What a program does that only waits, such as a terminal's user interface: one percent of a processor, and a
    /// kilobyte each second.
    private static let idleMicroseconds: Int64 = 10
    private static let idleBytes: Int64 = 1

    init(limit: Int64, seesOutput: Bool, _ now: Int64) {
        self.limit = limit
        self.seesOutput = seesOutput
        lastActive = now
        nextSample = now
    }

    static func == (left: IdleWatch, right: IdleWatch) -> Bool {
        left.limit == right.limit && left.lastActive == right.lastActive && left.nextSample == right.nextSample
            && left.last?.moment == right.last?.moment && left.last?.activity == right.last?.activity
    }

    /// When to look at the processes the next time.
    var next: Int64 { nextSample }

    /// Something went in or came out.
    mutating func touch(_ now: Int64) {
        lastActive = max(lastActive, now)
    }

    /// Time that did not count.
    mutating func shift(by time: Int64) {
        lastActive += time
        nextSample += time
        last?.moment += time
    }

    /// A sample was asked for; should it never come, for a first process that is stopped, it is asked for again.
    mutating func asked(_ now: Int64) {
        nextSample = now + pause
    }

    /// True when nothing has happened for as long as the limit.
    mutating func sampled(_ activity: ProcessActivity, _ now: Int64) -> Bool {
        if activity.waits || isWork(activity, now) { lastActive = now }
        last = (now, activity)
        nextSample = now + pause
        return now - lastActive >= limit
    }

    private func isWork(_ activity: ProcessActivity, _ now: Int64) -> Bool {
        guard let (moment, before) = last else { return true }
        let time = max(1, now - moment)
        // An ended process takes its bytes out of the sum: less than before says nothing.
        let bytes = activity.bytes - before.bytes
        return activity.processorTime - before.processorTime > time * Self.idleMicroseconds
            || bytes > (seesOutput ? time * Self.idleBytes : 0) || activity.youngest > before.youngest
    }

    /// Often enough to be late by an eighth at most.
    private var pause: Int64 { min(max(limit / 8, 50), 30_000) }
}
