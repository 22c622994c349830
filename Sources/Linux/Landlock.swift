// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Landlock (landlock(7), kernel 5.13), for a program that confines itself.
package enum Landlock {
    /// From now on this process may read and change files below `directories`, and open no other file for anything.
    /// What is open already stays usable. False when this kernel has no Landlock.
    package static func confineFiles(toBelow directories: [Int32]) throws(SystemError) -> Bool {
        guard cl_landlock_abi() >= 1 else { return false }
        // All thirteen rights of ABI 1 but executing (bit 0) and making device nodes (bits 6 and 11).
        let everything: UInt64 = (1 << 13) - 1
        let granted = everything & ~(1 << 0) & ~(1 << 6) & ~(1 << 11)
        let ruleset = OwnedDescriptor(
            owning: try check("create a Landlock rule set") { cl_landlock_ruleset(everything) })
        for directory in directories {
            try check("add a Landlock rule") { cl_landlock_allow_below(ruleset.number, directory, granted) }
        }
        try check("apply the Landlock rules") { cl_landlock_restrict_self(ruleset.number) }
        return true
    }
}
