// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ShimProtocol

/// Refused system calls, by call and by the name of the process that made them. An agent can make up names, so there
/// is room for so many and no more: the first come first, and what finds no room is not counted.
struct RefusalTally {
    private(set) var entries: [SystemCallRefusal] = []

    static let room = 64

    /// True when there is a call or process that was not there before.
    mutating func add(_ refusals: [SystemCallRefusal]) -> Bool {
        var hasNew = false
        for refusal in refusals {
            if let index = entries.firstIndex(where: { $0.call == refusal.call && $0.process == refusal.process }) {
                entries[index].count &+= refusal.count
            } else if entries.count < Self.room {
                entries.append(refusal)
                hasNew = true
            }
        }
        return hasNew
    }
}
