// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import ShimProtocol

/// When the keeper ends the agent by itself, and how it goes about it: values in, values out. Moments are milliseconds
/// of CLOCK_BOOTTIME.
struct TimeLimits: Equatable {
    enum Action: Equatable {
        /// Find out how much processor time the jail has used, and say so with `measured`.
        case measure
        case signal(Int32)
        /// Everything in the jail, at once.
        case kill
    }

    private enum Phase: Equatable {
        case waiting
        case running
        /// The next of the stop signals is due at `deadline`; after the last comes the end.
        case stopping(next: Int)
        case over
    }

    private let timeouts: JailPlan.Timeouts
    private let processors: Int64
    private var phase = Phase.waiting
    private var wallEnd: Int64?
    private var nextMeasurement: Int64?
    private var deadline: Int64?
    private var pausedAt: Int64?
    /// Which limit was reached.
    private(set) var cause: ExitRecord.Cause?

    /// How long an answer about processor time may take before it is asked for again.
    private static let patience: Int64 = 1000
    /// The longest time between two measurements: processors can be added to a running machine.
    private static let longestPause: Int64 = 60_000
    private static let shortestPause: Int64 = 20

    /// - Parameter processors: how many the jail may use at once, at least 1.
    init(_ timeouts: JailPlan.Timeouts, processors: Int) {
        self.timeouts = timeouts
        self.processors = Int64(max(1, processors))
    }

    /// The command has been executed.
    mutating func start(_ now: Int64) {
        guard phase == .waiting else { return }
        phase = .running
        wallEnd = timeouts.wall.map { now + $0 }
        nextMeasurement = timeouts.cpu.map { now + pause(before: $0) }
    }

    /// From here on time does not count, until `resume`.
    mutating func pause(_ now: Int64) {
        pausedAt = pausedAt ?? now
    }

    mutating func resume(_ now: Int64) {
        guard let pausedAt else { return }
        self.pausedAt = nil
        wallEnd = wallEnd.map { $0 + now - pausedAt }
        nextMeasurement = nextMeasurement.map { $0 + now - pausedAt }
        deadline = deadline.map { $0 + now - pausedAt }
    }

    /// Whether there is an end to watch for.
    var next: Int64? {
        guard pausedAt == nil else { return nil }
        return switch phase {
        case .waiting, .over: nil
        case .running: [wallEnd, nextMeasurement].compactMap(\.self).min()
        case .stopping: deadline
        }
    }

    /// - Parameter used: milliseconds of processor time, of the whole jail.
    mutating func measured(_ used: Int64, _ now: Int64) {
        guard phase == .running, let limit = timeouts.cpu else { return }
        if used >= limit {
            stop(because: .cpuTime, now)
        } else {
            nextMeasurement = now + pause(before: limit - used)
        }
    }

    /// What to do now. To be asked until it answers nil.
    mutating func due(_ now: Int64) -> Action? {
        guard pausedAt == nil else { return nil }
        switch phase {
        case .waiting, .over: return nil
        case .running:
            if let wallEnd, now >= wallEnd {
                stop(because: .wallTime, now)
                return due(now)
            }
            guard let moment = nextMeasurement, now >= moment else { return nil }
            nextMeasurement = now + Self.patience
            return .measure
        case .stopping(let next):
            guard let deadline, now >= deadline else { return nil }
            guard next < timeouts.stopSignals.count, timeouts.grace > 0 else {
                phase = .over
                return .kill
            }
            phase = .stopping(next: next + 1)
            self.deadline = now + timeouts.grace / Int64(timeouts.stopSignals.count)
            return .signal(timeouts.stopSignals[next])
        }
    }

    private mutating func stop(because cause: ExitRecord.Cause, _ now: Int64) {
        self.cause = cause
        phase = .stopping(next: 0)
        deadline = now
    }

    /// However busy the jail is on all its processors, it cannot use up what is left any sooner.
    private func pause(before left: Int64) -> Int64 {
        min(max(left / processors, Self.shortestPause), Self.longestPause)
    }
}
