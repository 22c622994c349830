// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CSeccomp
import JailPlan
import Testing

@testable import Profiles

@Suite("System calls")
struct SystemCallTests {
    /// Later than libseccomp 2.5.4 (Linux 5.17), or of architectures that it does not have.
    static let newer: Set<String> = [
        "cachestat", "fchmodat2", "file_getattr", "file_setattr", "futex_requeue", "futex_wait", "futex_wake",
        "getxattrat", "listmount", "listns", "listxattrat", "lsm_get_self_attr", "lsm_list_modules",
        "lsm_set_self_attr", "map_shadow_stack", "mseal", "open_tree_attr", "removexattrat", "riscv_hwprobe",
        "set_mempolicy_home_node", "setxattrat", "statmount", "uprobe", "uretprobe",
    ]

    @Test("all have names that libseccomp knows, or are too new for it")
    func names() {
        let unknown = SystemCallSelection.known.filter { seccomp_syscall_resolve_name($0) == unknownToLibseccomp }
        #expect(unknown.subtracting(Self.newer).sorted() == [])
        #expect(Self.newer.subtracting(SystemCallSelection.known) == [])
    }

    @Test("every group's members are groups and calls, and none is empty")
    func groups() {
        for group in SystemCallSelection.groups {
            #expect(group.hasPrefix("@"))
            #expect(!SystemCallSelection.expand(group).isEmpty)
            #expect(!SystemCallSelection.expand(group).contains { $0.hasPrefix("@") }, "\(group)")
        }
    }

    @Test("groups nest")
    func nesting() {
        let service = SystemCallSelection.expand("@system-service")
        #expect(service.isSuperset(of: SystemCallSelection.expand("@file-system")))
        #expect(service.contains("openat") && service.contains("clone") && !service.contains("mount"))
        #expect(SystemCallSelection.expand("@privileged").isSuperset(of: SystemCallSelection.expand("@swap")))
    }

    @Test("deny wins over allow, by call and by group, and what is not allowed is refused by name")
    func deny() {
        let policy = SystemCallSelection.policy(
            allow: ["@keyring", "@basic-io", "mount"].map { SystemCallEntry(name: $0) },
            deny: ["keyctl", "@mount"].map { SystemCallEntry(name: $0) }, refusal: .kill)
        #expect(policy.allowed.contains("add_key") && policy.allowed.contains("read"))
        #expect(!policy.allowed.contains("keyctl") && !policy.allowed.contains("mount"))
        #expect(policy.refused.contains("keyctl") && policy.refused.contains("mount"))
        #expect(Set(policy.allowed + policy.refused) == SystemCallSelection.known)
        #expect(policy.allowed.count + policy.refused.count == SystemCallSelection.known.count)
    }
}

/// `__NR_SCMP_ERROR`, a macro that Swift does not see.
private let unknownToLibseccomp: Int32 = -1
