// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CCap
import Linux

/// Capabilities and the ways to get them back (capabilities(7)).
enum Privileges {
    /// Every securebit that takes something away, locked: no capabilities for uid 0 as such, none kept or restored on
    /// changes of uid, none raised into the ambient set.
    private static let lockedSecureBits: UInt32 = 0b1110_1111

    /// Gives up every capability in every set, for this process and all that it will ever execute.
    static func dropAll() throws(SystemError) {
        let last = cap_max_bits()
        for capability in 0..<last {
            try check("drop capability \(capability) from the bounding set") { cap_drop_bound(capability) }
        }
        try check("lock the secure bits") { cap_set_secbits(lockedSecureBits) }
        try giveUp()
    }

    /// Gives up the capabilities that this process has, for programs that were started without the right to do more.
    static func giveUp() throws(SystemError) {
        try check("clear the ambient capabilities") { cap_reset_ambient() }
        guard let none = cap_init() else { throw SystemError("make an empty set of capabilities", errno: errno) }
        defer { cap_free(UnsafeMutableRawPointer(none)) }
        try check("give up the capabilities") { cap_set_proc(none) }
        try Processes.set(.noNewPrivileges, 1)
    }

    /// Whether this process can raise a capability. It must not be able to.
    static func canRaise(_ capability: cap_value_t) -> Bool {
        guard let wanted = cap_get_proc() else { return false }
        defer { cap_free(UnsafeMutableRawPointer(wanted)) }
        var capabilities = [capability]
        cap_set_flag(wanted, CAP_PERMITTED, 1, &capabilities, CAP_SET)
        cap_set_flag(wanted, CAP_EFFECTIVE, 1, &capabilities, CAP_SET)
        return cap_set_proc(wanted) == 0
    }
}
