// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// A span of time in its largest unit: `42s`, `3m`, `5h`, `2d`.
enum RelativeTime {
    static func text(seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m"
        case ..<86_400: "\(seconds / 3600)h"
        default: "\(seconds / 86_400)d"
        }
    }
}

extension Timestamp {
    /// How long before `now` this was. What lies ahead counts as now.
    func age(at now: Timestamp) -> String {
        RelativeTime.text(seconds: max(0, (now.nanoseconds - nanoseconds) / 1_000_000_000))
    }
}
