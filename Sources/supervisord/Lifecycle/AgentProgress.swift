// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Profiles

extension AgentMachine {
    /// What an agent's attempts have come to. Moments are milliseconds of CLOCK_BOOTTIME.
    struct Progress: Equatable, Codable, Sendable {
        /// The present one, from 1; 0 for an agent that has not been started yet.
        var attempt = 1
        /// How often it was started again by itself since it was last asked for.
        var restarts = 0
        var isReady = false
        /// An attempt has been ready: the next goes on with what that began.
        var hasBeenReady = false
        /// It is to be run again as soon as it has ended, because somebody asked for that.
        var isToRestart = false
        /// How many pauses in a row have grown.
        var streak = 0
        /// Ends of this attempt and earlier ones do not count any more.
        var forgiven = 0
        /// When the next attempt begins, in the state `backoff`.
        var due: Int64?
        /// When the present attempt's program was executed.
        var runningSince: Int64?
        /// The last ends, oldest first.
        var ends: [End] = []

        init(attempt: Int = 1) {
            self.attempt = attempt
        }
    }

    /// How one attempt ended.
    struct End: Equatable, Codable, Sendable, CustomStringConvertible {
        let attempt: Int
        let moment: Int64
        /// To show; the machine itself has no time of day.
        var time: Timestamp?
        /// Nil for one that was never executed.
        var exit: AgentExit?
        /// Why it was not.
        var message: String?

        var description: String {
            guard let exit else { return message ?? "not started" }
            switch (exit.code, exit.signal, exit.reason) {
            case (let code?, _, .exited): return "exited with \(code)"
            case (_, let signal?, .signaled): return "ended by \(signal.text)"
            case (_, _, let reason): return reason.rawValue
            }
        }
    }
}

extension AgentMachine.Progress {
    /// With nothing in it that sums of moments could not bear: what is on a disk may be damaged.
    var bounded: Self {
        // Seventy years, of which the longest pause is less; in nanoseconds since the epoch it still fits.
        let moments: ClosedRange<Int64> = 0...1 << 41
        func bounded(_ moment: Int64) -> Int64 { min(max(moment, moments.lowerBound), moments.upperBound) }
        var progress = self
        progress.attempt = min(max(attempt, 0), 1 << 30)
        progress.restarts = min(max(restarts, 0), 1 << 30)
        progress.streak = min(max(streak, 0), 1 << 30)
        progress.due = due.map(bounded)
        progress.runningSince = runningSince.map(bounded)
        return progress
    }

    /// The ends that are shown.
    static let shown = 10

    mutating func remember(_ end: AgentMachine.End, atMost policy: RestartPolicy) {
        ends.append(end)
        ends.removeFirst(max(0, ends.count - max(Self.shown, policy.limit + 1)))
    }

    /// Those that a limit counts. A moment that is still to come was counted before the machine started anew.
    func ends(since: Int64, until now: Int64) -> [AgentMachine.End] {
        ends.filter { $0.attempt > forgiven && $0.moment > since && $0.moment <= now }
    }
}

extension RestartPolicy {
    /// Whether such an end is one to run it again after. What a limit on its time has ended has had its time.
    func restarts(after exit: AgentExit) -> Bool {
        switch exit.reason {
        case .killed, .stopped, .wallTime, .cpuTime: false
        case .exited: when == .always || (when == .onFailure && exit.code != 0)
        case .signaled, .outOfMemory, .idle, .startTime, .seccomp, .lost: when != .never
        }
    }

    /// Milliseconds until the next attempt. `chance` is from 0 to 1.
    func pause(after streak: Int, chance: Double) -> Int64 {
        var pause = Double(initial)
        for _ in 0..<min(streak, 64) where pause < Double(max) { pause *= factor }
        pause = Swift.min(pause, Double(max))
        return Int64(pause * (1 + jitter * Swift.min(Swift.max(chance, 0), 1)))
    }

    /// The longest that a pause can be.
    var longestPause: Int64 { Int64(Double(max) * (1 + jitter)) }
}
