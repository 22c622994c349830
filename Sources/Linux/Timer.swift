// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// A moment to be woken at, by CLOCK_BOOTTIME: it comes on time also when the machine was suspended on the way, which
/// the timeout of poll(2) does not.
package struct Timer: ~Copyable {
    /// Readable once the moment has come.
    package let descriptor: OwnedDescriptor
    private var moment: Int64?

    package init() throws(SystemError) {
        descriptor = OwnedDescriptor(owning: try check("create a timer") { cl_timer_create() })
    }

    /// Milliseconds as `Clock.boot` counts them; nil is never. A moment that has passed comes at once.
    package mutating func set(to moment: Int64?) throws(SystemError) {
        guard moment != self.moment else { return }
        let number = descriptor.number
        // The kernel takes 0 for never.
        try check("set a timer") { cl_timer_set(number, moment.map { max(1, $0) } ?? 0) }
        self.moment = moment
    }

    /// Whether the moment has come since this was asked last.
    package mutating func hasCome() -> Bool {
        var count: UInt64 = 0
        guard read(descriptor.number, &count, 8) == 8 else { return false }
        moment = nil
        return true
    }
}
