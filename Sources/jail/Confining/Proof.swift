// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// The jail proves itself at every start: what must not work is tried, and nothing is executed if it does.
///
/// The layers are tried one by one, because each has to hold when another fails.
enum Proof {
    /// With capabilities gone and the root read-only, before system calls are filtered.
    static func beforeFilter(_ plan: JailPlan, hasLandlock: Bool) throws(JailFailure) {
        try mustFail("proof.namespaces", "create a user namespace") { () throws(SystemError) in
            try Namespaces.user.unshare()
        }
        // What an old root that is still mounted is reached by, since it lies on top of this one.
        let places = try stage("proof.root") { () throws(SystemError) in
            try ["/", "/.."].map { path throws(SystemError) in
                let place = try Files.open(path, Files.pathOnly)
                return try Mount.number(of: place.number).number
            }
        }
        if places[0] != places[1] { throw broken("proof.root", "leave its root") }
        if !plan.hasRoot {
            try mustFail("proof.root", "write to the jail's root") { () throws(SystemError) in
                _ = try Files.open("/.proof", O_WRONLY | O_CREAT)
            }
        }
        if try Privileges.exceed(plan.capabilities) { throw broken("proof.capabilities", "raise a capability") }
        // Of all that Landlock refuses in a finished jail, this alone is refused by nothing else: the first process is of
        // the same user, and outside of the rules. (Before version 6 signals are no matter of Landlock's.)
        guard hasLandlock, Landlock.version >= 6 else { return }
        try mustFail("proof.landlock", "signal its first process") { () throws(SystemError) in
            try check("signal the first process") { kill(1, 0) }
        }
    }

    /// With the hard filter in force, and before the plan's, which may end the process for the same call: what the
    /// kernel's limit refused with ENOSPC now fails by the filter.
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
