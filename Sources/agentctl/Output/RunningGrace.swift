// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Synchronization

/// How long agents have that were asked to end, for a person to see it run down.
final class RunningGrace: Sendable {
    private let longest = Mutex<WireDuration?>(nil)

    /// Of several agents the longest counts.
    func note(_ grace: WireDuration?) {
        guard let grace else { return }
        longest.withLock { $0 = max($0 ?? grace, grace) }
    }

    /// `7s left`; nil while nobody knows.
    func left(after elapsed: Progress.Elapsed) -> String? {
        longest.withLock { $0 }.map { grace in
            let seconds = grace.milliseconds / 1000 - elapsed.seconds
            return seconds > 0 ? "\(RelativeTime.text(seconds: seconds)) left" : "the time is over, ending all of it"
        }
    }
}
