// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import Testing

@testable import jail

/// What the probe makes of what it found, without trying anything.
@Suite struct HostCheckTests {
    /// A host where all is well.
    private static var good: HostFacts {
        HostFacts(
            kernel: "6.1.0-13-amd64", directory: "/var/tmp", landlock: 7,
            controllers: ["cpu", "io", "memory", "pids", "cpuset"])
    }

    private func checks(_ change: (inout HostFacts) -> Void) -> [String: HostCheck] {
        var facts = Self.good
        change(&facts)
        return Dictionary(uniqueKeysWithValues: facts.checks.map { ($0.name, $0) })
    }

    private func failure(_ number: Int32) -> SystemError { SystemError("create namespaces", errno: number) }

    @Test("where all is well nothing has to be mended, and each check has its name once")
    func good() {
        #expect(Self.good.checks.allSatisfy { $0.status == .ok && $0.hint == nil })
        #expect(checks { _ in }.count == Self.good.checks.count)
    }

    @Test("whatever is not well has a hint", arguments: [EPERM, ENOSPC, EINVAL, ENODEV, ENOSYS, EBUSY, 9999])
    func hints(number: Int32) {
        let failure = failure(number)
        let facts = HostFacts(
            isRoot: true, kernel: "4.19", userNamespace: failure, otherNamespaces: failure, proc: failure,
            overlay: failure, landlock: 0, seccomp: failure, seccompListener: failure, identityMapping: failure,
            subordinates: .init(missing: ["newuidmap"]))
        for check in facts.checks where check.name != "apparmor" {
            #expect(check.status != .ok, "\(check)")
            #expect(check.hint?.isEmpty == false, "\(check)")
        }
    }

    @Test(
        "the kernel has to be 5.12 at least",
        arguments: [
            ("5.12.0", true), ("5.11.22-generic", false), ("6.1.0-13-amd64", true), ("10.0", true), ("4.19", false),
            ("", false), ("x", false),
        ])
    func kernel(release: String, isEnough: Bool) {
        #expect(checks { $0.kernel = release }["kernel"]?.status == (isEnough ? .ok : .problem))
    }

    @Test("the hint of a refused user namespace names the setting that refuses it")
    func userNamespaces() {
        for (setting, value, hint) in [
            ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
            ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces="),
            (
                "kernel/apparmor_restrict_unprivileged_userns", "1",
                "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
            ),
        ] {
            let check = checks {
                $0.userNamespace = failure(EPERM)
                $0.settings[setting] = value
            }["user-namespaces"]
            #expect(check?.status == .problem)
            #expect(check?.hint?.hasPrefix(hint) == true, "\(check?.hint ?? "")")
        }
        #expect(checks { $0.userNamespace = failure(EPERM) }["user-namespaces"]?.hint?.contains("seccomp") == true)
        let ofOthers = checks {
            $0.isRoot = true
            $0.userNamespaceOfOthers = failure(EPERM)
        }["user-namespaces"]
        #expect(ofOthers?.status == .problem, "a daemon of root's starts agents of others")
    }

    @Test("AppArmor's restriction is a problem where it has an effect, also one that comes a namespace later")
    func appArmor() {
        let setting = "kernel/apparmor_restrict_unprivileged_userns"
        #expect(checks { $0.settings[setting] = "1" }["apparmor"]?.status == .ok)
        let restricted = checks {
            $0.settings[setting] = "1"
            $0.otherNamespaces = failure(EPERM)
        }
        #expect(restricted["apparmor"]?.status == .problem)
        #expect(restricted["namespaces"]?.hint?.contains("AppArmor profile") == true)
        #expect(restricted["user-namespaces"]?.status == .ok)
    }

    @Test("a covered /proc is told from namespaces that cannot be had")
    func proc() {
        let covered = checks { $0.proc = failure(EPERM) }["proc"]
        #expect(covered?.status == .problem)
        #expect(covered?.hint?.contains("systempaths=unconfined") == true)
        let without = checks {
            $0.proc = failure(EPERM)
            $0.otherNamespaces = failure(EPERM)
        }["proc"]
        #expect(without?.hint == "mend the namespaces first")
    }

    @Test("what only some profiles need is a warning")
    func warnings() {
        for (name, change) in [
            ("landlock", { $0.landlock = 1 }), ("landlock", { $0.landlock = 3 }),
            ("overlayfs", { $0.overlay = SystemError("mount", errno: EINVAL) }),
            ("seccomp-listener", { $0.seccompListener = SystemError("load", errno: EBUSY) }),
            ("cgroup-v2", { $0.controllers = nil }), ("cgroup-v2", { $0.controllers = ["cpu"] }),
            ("subordinate-ids", { $0.subordinates.missing = ["newuidmap"] }),
            ("subordinate-ids", { $0.subordinates.powerless = ["newgidmap"] }),
            ("subordinate-ids", { $0.subordinates.hasRange = false }),
            ("subordinate-ids", { $0.subordinates.noNewPrivileges = true }),
            (
                "idmapped-mounts",
                {
                    $0.isRoot = true
                    $0.identityMapping = SystemError("map", errno: EINVAL)
                }
            ),
        ] as [(String, (inout HostFacts) -> Void)] {
            let all = checks(change)
            #expect(all[name]?.status == .warning, "\(name)")
            #expect(all[name]?.hint != nil)
            #expect(all.values.count { $0.status != .ok } == 1)
        }
    }
}
