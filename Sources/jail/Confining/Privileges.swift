// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CCap
import JailPlan
import Linux

/// Capabilities and the ways to get them back (capabilities(7)).
enum Privileges {
    /// Every securebit that takes something away, locked: no capabilities for uid 0 as such, none kept or restored on
    /// changes of uid, none raised into the ambient set. What is ambient by then stays so.
    private static let lockedSecureBits: UInt32 = 0b1110_1111

    /// Gives up every capability but these in every set, for this process and all that it will ever execute.
    static func drop(keeping names: [String] = []) throws(JailFailure) {
        let kept = try names.map(number)
        try stage("privileges") { () throws(SystemError) in
            let last = cap_max_bits()
            for capability in 0..<last where !kept.contains(capability) {
                try check("drop capability \(capability) from the bounding set") { cap_drop_bound(capability) }
            }
            try check("clear the ambient capabilities") { cap_reset_ambient() }
            // The ambient set is what survives the execution of a program by someone other than root, and can only
            // hold what is inheritable as well.
            try set([CAP_SETPCAP] + kept, inheritable: kept)
            for capability in kept {
                try check("keep capability \(capability)") { cap_set_ambient(capability, CAP_SET) }
            }
            try check("lock the secure bits") { cap_set_secbits(lockedSecureBits) }
            try set(kept, inheritable: kept)
            try Processes.set(.noNewPrivileges, 1)
        }
    }

    /// Gives up the capabilities that this process has, for programs that were started without the right to do more.
    static func giveUp() throws(SystemError) {
        try check("clear the ambient capabilities") { cap_reset_ambient() }
        try set([], inheritable: [])
        try Processes.set(.noNewPrivileges, 1)
    }

    static func has(_ capability: cap_value_t) -> Bool {
        guard let present = cap_get_proc() else { return false }
        defer { cap_free(UnsafeMutableRawPointer(present)) }
        var value = CAP_CLEAR
        return cap_get_flag(present, capability, CAP_EFFECTIVE, &value) == 0 && value == CAP_SET
    }

    /// Lays down all capabilities but these, which must be permitted, until they are taken up again.
    static func layDown(allBut capabilities: [cap_value_t]) throws(SystemError) {
        guard let wanted = cap_get_proc() else { throw SystemError("read the capabilities", errno: errno) }
        defer { cap_free(UnsafeMutableRawPointer(wanted)) }
        var capabilities = capabilities
        cap_clear_flag(wanted, CAP_EFFECTIVE)
        cap_set_flag(wanted, CAP_EFFECTIVE, Int32(capabilities.count), &capabilities, CAP_SET)
        try check("lay down capabilities") { cap_set_proc(wanted) }
    }

    /// Takes up every capability that this process may have.
    static func takeUpPermitted() throws(SystemError) {
        guard let wanted = cap_get_proc() else { throw SystemError("read the capabilities", errno: errno) }
        defer { cap_free(UnsafeMutableRawPointer(wanted)) }
        try check("take up capabilities") {
            cap_fill_flag(wanted, CAP_EFFECTIVE, wanted, CAP_PERMITTED) == 0 ? cap_set_proc(wanted) : -1
        }
    }

    /// Whether this process has any capability but these, or can raise one that it must not have.
    static func exceed(_ names: [String]) throws(JailFailure) -> Bool {
        let kept = try names.map(number)
        guard let present = cap_get_proc() else { return true }
        defer { cap_free(UnsafeMutableRawPointer(present)) }
        for capability in 0..<cap_max_bits() where !kept.contains(capability) {
            for flag in [CAP_PERMITTED, CAP_INHERITABLE] {
                var value = CAP_CLEAR
                if cap_get_flag(present, capability, flag, &value) != 0 || value != CAP_CLEAR { return true }
            }
        }
        var forbidden = [CAP_SYS_ADMIN]
        cap_set_flag(present, CAP_PERMITTED, 1, &forbidden, CAP_SET)
        cap_set_flag(present, CAP_EFFECTIVE, 1, &forbidden, CAP_SET)
        return cap_set_proc(present) == 0
    }

    private static func number(_ name: String) throws(JailFailure) -> cap_value_t {
        var value: cap_value_t = 0
        guard JailPlan.possibleCapabilities.contains(name), cap_from_name("cap_" + name, &value) == 0 else {
            throw JailFailure(
                stage: "capabilities", action: "the agent cannot be left the capability \(name)",
                hint: "those that it can be left are \(JailPlan.possibleCapabilities.sorted().joined(separator: ", "))")
        }
        return value
    }

    /// Permitted and effective: `permitted`.
    private static func set(_ permitted: [cap_value_t], inheritable: [cap_value_t]) throws(SystemError) {
        guard let sets = cap_init() else { throw SystemError("make a set of capabilities", errno: errno) }
        defer { cap_free(UnsafeMutableRawPointer(sets)) }
        for (flag, members) in [(CAP_PERMITTED, permitted), (CAP_EFFECTIVE, permitted), (CAP_INHERITABLE, inheritable)]
        where !members.isEmpty {
            try check("choose capabilities") { cap_set_flag(sets, flag, Int32(members.count), members, CAP_SET) }
        }
        try check("give up the capabilities") { cap_set_proc(sets) }
    }
}
