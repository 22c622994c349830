// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// capabilities(7), for a program that needs none and is not linked with libcap.
package enum Capabilities {
    /// Gives up every capability in every set of this process and of all that it will ever execute, and the right to
    /// get any by executing something.
    package static func giveUpAll() throws(SystemError) {
        try Processes.set(.noNewPrivileges, 1)
        // What is not permitted any more cannot be bounded any more: the bounding set first. Without CAP_SETPCAP it
        // stays as it is, and means nothing under no_new_privs.
        let (dropBounding, ambient, clearAll): (Int32, Int32, UInt) = (24, 47, 4)
        for capability: UInt in 0..<64 where cl_prctl(dropBounding, capability, 0, 0, 0) != 0 { break }
        try check("clear the ambient capabilities") { cl_prctl(ambient, clearAll, 0, 0, 0) }
        try check("give up the capabilities") { cl_capset_none() }
    }
}
