// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// One thing that jails need or can use, and how this host has it: a member of `supervisor/doctor`'s answer, as JSON.
struct HostCheck: Encodable, Equatable {
    var name: String
    var status: Status
    var found: String
    /// What to do about it.
    var hint: String?

    enum Status: String, Encodable {
        case ok
        /// Some profiles cannot be had, or not whole.
        case warning
        /// Agents do not start.
        case problem
    }

    static func ok(_ name: String, _ found: String) -> HostCheck { HostCheck(name: name, status: .ok, found: found) }
}

extension HostFacts {
    /// What it comes to, most basic first.
    var checks: [HostCheck] {
        [
            kernelCheck, userNamespaceCheck, appArmorCheck, namespaceCheck, procCheck, seccompCheck, landlockCheck,
            controllerCheck, overlayCheck, listenerCheck, identityCheck, subordinateCheck,
        ]
    }

    private var kernelCheck: HostCheck {
        let numbers = kernel.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let isEnough = numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 12)
        return HostCheck(
            name: "kernel", status: isEnough ? .ok : .problem, found: "Linux \(kernel)",
            hint: isEnough ? nil : "jails take Linux 5.12 or newer: install a newer kernel and start it")
    }

    /// What keeps a user namespace from being made, and from having rights.
    private var restriction: SystemError? {
        userNamespace ?? userNamespaceOfOthers ?? otherNamespaces.flatMap { $0.errno == EPERM ? $0 : nil }
    }

    private var isRestrictedByAppArmor: Bool {
        (settings["kernel/apparmor_restrict_unprivileged_userns"] ?? "0") != "0" && restriction != nil
    }

    private var userNamespaceCheck: HostCheck {
        guard let failure = userNamespace ?? userNamespaceOfOthers else {
            return .ok("user-namespaces", isRoot ? "root and ordinary users can make them" : "this user can make them")
        }
        let who =
            userNamespace == nil
            ? "ordinary users cannot make them" : isRoot ? "not even root can make them" : "this user cannot make them"
        return HostCheck(
            name: "user-namespaces", status: .problem, found: "\(who): \(failure)", hint: userNamespaceHint(failure))
    }

    private func userNamespaceHint(_ failure: SystemError) -> String {
        if settings["kernel/unprivileged_userns_clone"] == "0", !isRoot || userNamespace == nil {
            return Self.sysctl("kernel.unprivileged_userns_clone", 1)
        }
        if settings["user/max_user_namespaces"] == "0" { return Self.sysctl("user.max_user_namespaces", 15000) }
        if isRestrictedByAppArmor { return Self.appArmorHint }
        return switch failure.errno {
        case ENOSPC:
            "the limit is used up: \(Self.sysctl("user.max_user_namespaces", 15000)), or leave the jail that this is in"
        case EINVAL: "this kernel is built without user namespaces (CONFIG_USER_NS)"
        default:
            "the sandbox or container around this one forbids it: allow unshare(2) in its seccomp filter, or give the unit "
                + "RestrictNamespaces=no"
        }
    }

    private static func sysctl(_ name: String, _ value: Int) -> String {
        "sysctl -w \(name)=\(value), and a line \"\(name) = \(value)\" in /etc/sysctl.d/60-agent-supervisor.conf to keep it"
    }

    private static let appArmorHint =
        sysctl("kernel.apparmor_restrict_unprivileged_userns", 0)
        + ", or an AppArmor profile for the program jail that has \"userns,\""

    private var appArmorCheck: HostCheck {
        guard let setting = settings["kernel/apparmor_restrict_unprivileged_userns"], setting != "0" else {
            return .ok("apparmor", "AppArmor restricts no user namespaces")
        }
        guard let restriction else {
            return .ok("apparmor", "AppArmor restricts user namespaces, and lets the program jail have them")
        }
        return HostCheck(
            name: "apparmor", status: .problem, found: "AppArmor restricts user namespaces: \(restriction)",
            hint: Self.appArmorHint)
    }

    private var namespaceCheck: HostCheck {
        guard let otherNamespaces else {
            return .ok("namespaces", "mount, pid, ipc, uts, cgroup and network namespaces can be had")
        }
        if let userNamespace {
            return HostCheck(
                name: "namespaces", status: .problem, found: "without a user namespace there are no others",
                hint: userNamespaceHint(userNamespace))
        }
        return HostCheck(
            name: "namespaces", status: .problem, found: "a user namespace has no others below it: \(otherNamespaces)",
            hint: isRestrictedByAppArmor
                ? Self.appArmorHint
                : "raise the limits user.max_mnt_namespaces and the like, and give the unit RestrictNamespaces=no")
    }

    private var procCheck: HostCheck {
        guard let proc else { return .ok("proc", "a jail can have a /proc of its own") }
        let isMasked = otherNamespaces == nil && proc.errno == EPERM
        return HostCheck(
            name: "proc", status: .problem, found: "a jail cannot have a /proc of its own: \(proc)",
            hint: isMasked
                ? "parts of /proc are covered here: start the container with an uncovered one (docker: "
                    + "--security-opt systempaths=unconfined; Kubernetes: procMount: Unmasked), and the unit without "
                    + "ProtectKernelTunables=, ProtectProc= and the like"
                : "mend the namespaces first")
    }

    private var seccompCheck: HostCheck {
        guard let seccomp else { return .ok("seccomp", "system calls can be filtered") }
        return HostCheck(
            name: "seccomp", status: .problem, found: "system calls cannot be filtered: \(seccomp)",
            hint: "jails take a kernel with CONFIG_SECCOMP_FILTER, and a container that allows seccomp(2)")
    }

    private var landlockCheck: HostCheck {
        switch landlock {
        case ..<2:
            HostCheck(
                name: "landlock", status: .warning,
                found: landlock == 0 ? "this kernel has no Landlock" : "Landlock version 1 is too old",
                hint:
                    "it takes kernel 5.19 with \"landlock\" among its security modules (lsm= on the kernel's command line); "
                    + "without it only profiles that say degrade: [landlock] start")
        case ..<4:
            HostCheck(
                name: "landlock", status: .warning, found: "Landlock version \(landlock) knows no network ports",
                hint: "a profile with network ports takes version 4, in kernel 6.7")
        default: .ok("landlock", "Landlock version \(landlock)")
        }
    }

    private var controllerCheck: HostCheck {
        let missing = ["cpu", "io", "memory", "pids"].filter { controllers?.contains($0) != true }
        guard !missing.isEmpty || controllers == nil else {
            return .ok("cgroup-v2", "cgroup v2 is mounted, with the controllers that limits take")
        }
        return HostCheck(
            name: "cgroup-v2", status: .warning,
            found: controllers == nil
                ? "no cgroup v2 is mounted here"
                : "cgroup v2 is mounted, here without \(missing.joined(separator: ", "))",
            hint: hasVersion1 || controllers == nil
                ? "limits take it: start the machine with systemd.unified_cgroup_hierarchy=1 on the kernel's command line, "
                    + "or the container with a cgroup namespace of its own"
                : "have them delegated: Delegate=yes in the unit, and for a user's units in user@.service, too")
    }

    private var overlayCheck: HostCheck {
        let place = "\(directory)\(fileSystem.map { " (\($0))" } ?? "")"
        guard let overlay else { return .ok("overlayfs", "overlays can be had, with their changes in \(place)") }
        return HostCheck(
            name: "overlayfs", status: .warning,
            found: "no overlay can be had, with its changes in \(place): \(overlay)",
            hint: otherNamespaces != nil
                ? "mend the namespaces first"
                : Overlay.hint(overlay)
                    ?? "profiles with overlay or copy_on_write need overlayfs, in kernel 5.11 or newer")
    }

    private var listenerCheck: HostCheck {
        guard let seccompListener else { return .ok("seccomp-listener", "refused system calls can be told of") }
        return HostCheck(
            name: "seccomp-listener", status: .warning,
            found: "refused system calls cannot be told of: \(seccompListener)",
            hint: seccompListener.errno == EBUSY
                ? "a sandbox around this one listens already, and only one may; profiles with seccomp.log or network.bind "
                    + "do not start here"
                : "profiles with seccomp.log or network.bind take kernel 5.5, and a container that allows seccomp(2)")
    }

    private var identityCheck: HostCheck {
        guard isRoot else {
            return .ok("idmapped-mounts", "not tried: profiles with identity: dynamic take a daemon of root's")
        }
        guard let identityMapping else { return .ok("idmapped-mounts", "mounts can show other owners") }
        return HostCheck(
            name: "idmapped-mounts", status: .warning, found: "mounts cannot show other owners: \(identityMapping)",
            hint:
                "profiles with identity: dynamic take CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID, and a file system that "
                + "can (not \(fileSystem ?? "this one") below \(directory), it seems)")
    }

    private var subordinateCheck: HostCheck {
        let found = subordinates
        func warning(_ text: String, _ hint: String) -> HostCheck {
            HostCheck(
                name: "subordinate-ids", status: .warning, found: text,
                hint: "\(hint); profiles with users.subordinate need it")
        }
        if !found.missing.isEmpty {
            return warning(
                "\(found.missing.joined(separator: " and ")) cannot be found",
                "install the package uidmap or shadow-utils")
        }
        if !found.powerless.isEmpty {
            return warning(
                "\(found.powerless.joined(separator: " and ")) may not write maps",
                "make them set-user-ID root (chmod u+s)")
        }
        if found.noNewPrivileges {
            return warning("newuidmap has no effect under no_new_privs", "give the unit NoNewPrivileges=no")
        }
        if found.hasRange == false {
            return warning(
                "/etc/subuid or /etc/subgid have no line for this user",
                "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER")
        }
        return .ok("subordinate-ids", "newuidmap and newgidmap can map subordinate users")
    }
}
