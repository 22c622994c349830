// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Synchronization

/// How long agents have that were asked to end, for a person to see it run down.
final class RunningGrace: Sendable {
    private let start = ContinuousClock.now
    /// Of all of them, from the start on.
    private let longest = Mutex<WireDuration?>(nil)

    /// To be called when an agent is asked to end. Of several agents the one that has longest counts.
    func note(_ grace: WireDuration?) {
        guard let grace else { return }
        let elapsed = Int64(start.duration(to: .now) / .milliseconds(1))
        let end = WireDuration(milliseconds: elapsed + grace.milliseconds)
        longest.withLock { $0 = max($0 ?? end, end) }
    }

    /// `7s left`; nil while nobody knows.
    func left(after elapsed: Progress.Elapsed) -> String? {
        longest.withLock { $0 }.map { grace in
            let seconds = grace.milliseconds / 1000 - elapsed.seconds
            return seconds > 0 ? "\(RelativeTime.text(seconds: seconds)) left" : "the time is over, ending all of it"
        }
    }
}
