// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// Runs one step of building a jail under its name, so that a failure says which step it was and what can be done.
@discardableResult
func stage<Result: ~Copyable>(
    _ name: String, _ body: () throws(SystemError) -> Result
) throws(JailFailure) -> Result {
    do {
        return try body()
    } catch {
        throw JailFailure(stage: name, error)
    }
}

extension JailFailure {
    init(stage: String, _ error: SystemError, hint: String? = nil) {
        self.init(
            stage: stage, action: error.action, errno: Errno.name(error.errno), reason: Errno.words(error.errno),
            hint: hint ?? JailFailure.hint(stage: stage, errno: error.errno))
    }

    /// What usually is the matter when this step fails like this.
    private static func hint(stage: String, errno number: Int32) -> String? {
        switch (stage, number) {
        case ("namespace.user", EPERM), ("namespace.user", EACCES), ("identity.map", EPERM), ("identity.map", EACCES),
            ("namespace.others", EPERM):
            "this host does not let ordinary users create user namespaces; see sysctl "
                + "kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns, and the seccomp "
                + "filter of a surrounding container"
        case ("namespace.user", ENOSPC), ("namespace.others", ENOSPC):
            "the limit of namespaces is reached: raise sysctl user.max_user_namespaces, or leave the jail that you are in"
        case ("namespace.user", EINVAL):
            "namespaces can only be left by a process with one thread that is not in a chroot"
        case ("mount.proc", EPERM):
            "parts of this host's /proc are covered, as in a container or under systemd's ProtectKernelTunables=, and "
                + "then the kernel refuses a new one"
        case ("directory", ENOENT), ("directory", ENOTDIR), ("directory", ELOOP):
            "it has to be a directory that the jail shows (--chdir, working_directory)"
        case ("seccomp", EBUSY):
            "a sandbox around this one listens to system calls already, and only one may: set seccomp.log to false, and "
                + "have no network.bind"
        case ("cgroup", EACCES), ("cgroup", ENOENT): "the cgroup has to be delegated to the user who starts the jail"
        default: nil
        }
    }
}
