// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux
import ShimProtocol

/// When the keeper ends the agent by itself, and how it goes about it: values in, values out. Moments are milliseconds
/// of CLOCK_BOOTTIME.
struct TimeLimits: Equatable {
    enum Action: Equatable {
        /// Find out how much processor time the jail has used, and say so with `measured`.
        case measure
        /// Find out what its processes do, and say so with `sampled`.
        case sample
        case signal(Int32)
        /// Everything in the jail, at once.
        case kill
    }

    private enum Phase: Equatable {
        /// The command has not been executed.
        case waiting
        case running
        /// The next of the stop signals is due at `deadline`; after the last comes the end.
        case stopping(next: Int)
        case over
    }

    private struct Pause: Equatable {
        var began: Int64
        /// By signals, which an agent can get out of: then it is looked at, and time in which it works counts.
        var isDoubted: Bool
        var nextSample: Int64
        var last: (moment: Int64, processorTime: Int64)?

        static func == (left: Pause, right: Pause) -> Bool {
            left.began == right.began && left.isDoubted == right.isDoubted && left.nextSample == right.nextSample
        }
    }

    private let timeouts: JailPlan.Timeouts
    private let processors: Int64
    private let seesOutput: Bool
    private var phase = Phase.waiting
    private var startEnd: Int64?
    private var wallEnd: Int64?
    private var nextMeasurement: Int64?
    private var idle: IdleWatch?
    private var deadline: Int64?
    private var pause: Pause?
    /// Which limit was reached.
    private(set) var cause: ExitRecord.Cause?

    /// How long an answer about processor time may take before it is asked for again.
    private static let patience: Int64 = 1000
    /// The longest time between two measurements: processors can be added to a running machine.
    private static let longestPause: Int64 = 60_000
    private static let shortestPause: Int64 = 20
    /// How often a jail that was stopped by signals is looked at.
    private static let doubt: Int64 = 2000

    /// - Parameters:
    ///   - processors: how many the jail may use at once, at least 1.
    ///   - seesOutput: see `IdleWatch`.
    init(_ timeouts: JailPlan.Timeouts, processors: Int, seesOutput: Bool = true) {
        self.timeouts = timeouts
        self.processors = Int64(max(1, processors))
        self.seesOutput = seesOutput
    }

    /// The jail is begun.
    mutating func begin(_ now: Int64) {
        startEnd = timeouts.start.map { now + $0 }
    }

    /// The command has been executed.
    mutating func start(_ now: Int64, isReady: Bool = true) {
        guard phase == .waiting else { return }
        phase = .running
        if isReady { startEnd = nil }
        wallEnd = timeouts.wall.map { now + $0 }
        nextMeasurement = timeouts.cpu.map { now + pause(before: $0) }
        idle = timeouts.idle.map { IdleWatch(limit: $0, seesOutput: seesOutput, now) }
    }

    /// It has shown that it is ready.
    mutating func becomeReady() {
        startEnd = nil
    }

    /// Stops the command by its signals, whatever the limits say.
    mutating func stop(_ now: Int64) {
        if phase == .waiting || phase == .running { stop(because: .stopped, now) }
    }

    /// Something went in or came out.
    mutating func touch(_ now: Int64) {
        idle?.touch(now)
    }

    /// From here on time does not count, until `resume`.
    mutating func pause(_ now: Int64, isDoubted: Bool) {
        guard pause == nil else { return }
        pause = Pause(began: now, isDoubted: isDoubted, nextSample: now)
    }

    mutating func resume(_ now: Int64) {
        guard let pause else { return }
        self.pause = nil
        let time = now - pause.began
        startEnd = startEnd.map { $0 + time }
        wallEnd = wallEnd.map { $0 + time }
        nextMeasurement = nextMeasurement.map { $0 + time }
        deadline = deadline.map { $0 + time }
        idle?.shift(by: time)
    }

    /// Whether there is an end to watch for.
    var next: Int64? {
        if let pause {
            guard pause.isDoubted, phase == .running else { return nil }
            return min(pause.nextSample, nextMeasurement ?? .max)
        }
        return switch phase {
        case .over: nil
        case .waiting: startEnd
        case .running: [startEnd, wallEnd, nextMeasurement, idle?.next].compactMap(\.self).min()
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

    mutating func sampled(_ activity: ProcessActivity, _ now: Int64) {
        guard phase == .running else { return }
        guard var pause else {
            if idle?.sampled(activity, now) == true { stop(because: .idle, now) }
            return
        }
        if let last = pause.last, activity.processorTime > last.processorTime { pause.began += now - last.moment }
        pause.last = (now, activity.processorTime)
        self.pause = pause
        if let wallEnd, pause.began >= wallEnd { stop(because: .wallTime, now) }
    }

    /// What to do now. To be asked until it answers nil.
    mutating func due(_ now: Int64) -> Action? {
        if pause != nil { return duePaused(now) }
        switch phase {
        case .over: return nil
        case .waiting:
            guard let startEnd, now >= startEnd else { return nil }
            // There is nobody yet to hear a signal.
            (cause, phase) = (.startTime, .over)
            return .kill
        case .running: return dueRunning(now)
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

    private mutating func duePaused(_ now: Int64) -> Action? {
        guard phase == .running, let pause, pause.isDoubted else { return nil }
        if now >= pause.nextSample {
            self.pause?.nextSample = now + Self.doubt
            return .sample
        }
        return dueMeasurement(now)
    }

    private mutating func dueMeasurement(_ now: Int64) -> Action? {
        guard let moment = nextMeasurement, now >= moment else { return nil }
        nextMeasurement = now + Self.patience
        return .measure
    }

    private mutating func dueRunning(_ now: Int64) -> Action? {
        let ends: [(Int64?, ExitRecord.Cause)] = [(startEnd, .startTime), (wallEnd, .wallTime)]
        for case (let end?, let cause) in ends where now >= end {
            stop(because: cause, now)
            return due(now)
        }
        if let moment = idle?.next, now >= moment {
            idle?.asked(now)
            return .sample
        }
        return dueMeasurement(now)
    }

    private mutating func stop(because cause: ExitRecord.Cause, _ now: Int64) {
        self.cause = cause
        // One that is stopped hears no signal before it goes on, and is not to go on for that.
        phase = .stopping(next: pause == nil ? 0 : timeouts.stopSignals.count)
        pause = nil
        deadline = now
    }

    /// However busy the jail is on all its processors, it cannot use up what is left any sooner.
    private func pause(before left: Int64) -> Int64 {
        min(max(left / processors, Self.shortestPause), Self.longestPause)
    }
}
