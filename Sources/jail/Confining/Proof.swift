// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CCap
import JailPlan
import Linux

/// The jail proves itself at every start: what must not work is tried, and nothing is executed if it does.
///
/// The layers are tried one by one, because each has to hold when another fails.
enum Proof {
    /// With capabilities gone and the root read-only, before system calls are filtered.
    static func beforeFilter() throws(JailFailure) {
        try mustFail("proof.namespaces", "create a user namespace") { () throws(SystemError) in
            try Namespaces.user.unshare()
        }
        try mustFail("proof.root", "write to the jail's root") { () throws(SystemError) in
            _ = try Files.open("/.proof", O_WRONLY | O_CREAT)
        }
        if Privileges.canRaise(CAP_SYS_ADMIN) { throw broken("proof.capabilities", "raise a capability") }
    }

    /// With the filter in force: the same call that the kernel's limit refused with ENOSPC now fails by the filter.
    static func afterFilter() throws(JailFailure) {
        do {
            try Namespaces.user.unshare()
        } catch  where error.errno == EPERM {
            return
        } catch {
            throw JailFailure(stage: "proof.filter", error, hint: "the system call filter is not in force")
        }
        throw broken("proof.filter", "create a user namespace")
    }

    private static func mustFail(
        _ name: String, _ what: String, _ attempt: () throws(SystemError) -> Void
    ) throws(JailFailure) {
        do {
            try attempt()
        } catch {
            return
        }
        throw broken(name, what)
    }

    private static func broken(_ stage: String, _ what: String) -> JailFailure {
        JailFailure(
            stage: stage, action: "the finished jail could \(what), which it must not; the agent was not started",
            hint: "please report this with the kernel's version: a layer of the jail does not hold here")
    }
}
