// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// What makes a jail weaker than it could be: sentences for whoever answers for it.
package struct Weaknesses {
    let plan: JailPlan
    let request: PlanRequest
    let profile: Profile

    package init(of plan: JailPlan, for request: PlanRequest, under profile: Profile) {
        self.plan = plan
        self.request = request
        self.profile = profile
    }

    package var all: [String] {
        let paths = PathWeaknesses(plan: plan, request: request)
        return identity + network + paths.all + systemCalls + limits + scheduling + degraded
    }

    private var identity: [String] {
        var found: [String] = []
        if plan.identity.uid == 0, profile.identity == .owner {
            found.append("the owner is root: what the jail shows of the host is root's to read and write")
        }
        if !plan.identity.users.isEmpty {
            found.append(
                "subordinate users: the agent can leave files on disk that its owner can neither change nor remove")
        }
        for capability in plan.capabilities {
            found.append(
                "the capability \(capability): parts of the kernel that other users cannot call are open to the agent")
        }
        return found
    }

    private var network: [String] {
        guard plan.network == .host else { return [] }
        let reach =
            plan.ports?.connect.map { ports in
                ports.isEmpty
                    ? "no TCP port, but UDP and" : "TCP ports \(ports.map(String.init).joined(separator: " ")), UDP and"
            } ?? "everything that listens on loopback, a cloud's metadata address,"
        return ["the host's network: in reach are \(reach) abstract Unix sockets"]
    }

    // MARK: - System calls

    private static let dangerous: [(names: [String], reason: String)] = [
        (["@mount"], "they change what the jail hides and protects"),
        (["@module"], "they load code into the kernel"),
        (["@raw-io"], "they reach hardware past the kernel"),
        (["@reboot"], "they restart the machine, or replace its kernel"),
        (["@swap"], "they change the host's swap space"),
        (["@clock"], "they set the host's clock"),
        (["@cpu-emulation"], "old code of the kernel's with a history of holes"),
        (["@obsolete"], "nobody calls them, and few test them"),
        (["@keyring"], "the keyrings are the user's, and hold keys of the host's"),
        (["ptrace"], "the agent's processes can take hold of each other"),
        (["io_uring_enter", "io_uring_register", "io_uring_setup"], "what it does, no filter of system calls sees"),
        (["bpf"], "it loads programs into the kernel"),
        (["perf_event_open"], "a large part of the kernel with a history of holes"),
        (["userfaultfd"], "it stops the kernel in its tracks, which makes races winnable"),
        (["open_by_handle_at"], "it opens files by number, past every mount"),
        (["fanotify_init"], "it watches whole file systems"),
    ]

    private var systemCalls: [String] {
        guard case .policy(let policy) = plan.systemCalls else { return [] }
        let permitted = policy.rules.filter { $0.action == .allow || $0.action == .log }
        let allowed = Set(policy.allowed).union(permitted.map(\.call))
        var found: [String] = []
        for (names, reason) in Self.dangerous {
            let calls = names.reduce(into: Set<String>()) { $0.formUnion(SystemCallSelection.expand($1)) }
            let open = calls.intersection(allowed).sorted()
            if !open.isEmpty { found.append("system calls \(open.joined(separator: " ")): \(reason)") }
        }
        for rule in policy.rules {
            let refuses = if case .refuse = rule.action { true } else { false }
            for condition in rule.conditions where condition.isEvadable(refuses: refuses) {
                found.append(
                    "a rule for \(rule.call) compares all 64 bits of argument \(condition.argument): where the kernel "
                        + "takes it as an int, a program gets by it with the upper half set")
            }
        }
        let logged = Set(policy.rules.filter { $0.action == .log }.map(\.call)).sorted()
        if !logged.isEmpty { found.append("system calls that are only logged: \(logged.joined(separator: " "))") }
        return found + families(policy)
    }

    private func families(_ policy: JailPlan.SystemCallPolicy) -> [String] {
        guard let families = policy.socketFamilies else {
            return ["sockets of any family: vsock reaches the hypervisor, and rare ones have a history of holes"]
        }
        let usual = ["unix", "inet", "inet6", "netlink"].compactMap { SocketFamily.numbers[$0] }
        let rare = families.filter { !usual.contains($0) }.map(SocketFamily.name)
        return rare.isEmpty ? [] : ["sockets of the families \(rare.joined(separator: " "))"]
    }

    // MARK: - Limits

    private var limits: [String] {
        var found: [String] = []
        if plan.resources.memory == nil { found.append("no limit on memory: the host's is the agent's to use up") }
        if plan.resources.processes == nil {
            found.append("no limit on processes (limits.pids): a fork bomb is the host's")
        }
        if plan.limits.first(where: { $0.resource == "core" })?.hard != 0 {
            found.append(
                "core dumps: the host's core_pattern decides where the agent's memory is written, or which "
                    + "program of the host's reads it")
        }
        return found
    }

    private var scheduling: [String] {
        var found: [String] = []
        if let nice = plan.scheduling.nice, nice < 0 {
            found.append("nice \(nice): the agent runs before the host's own")
        }
        if let score = plan.scheduling.oomScoreAdjustment, score < 0 {
            found.append("oom_score_adj \(score): where memory is out, something else ends first")
        }
        if plan.scheduling.personality != 0 {
            found.append("addresses are not random: holes in the agent's programs are easier to use")
        }
        return found
    }

    private var degraded: [String] {
        let asked = Degradable.all.filter { plan.degrade.contains($0.name) && $0.isAsked(plan) }.map(\.name)
        return asked.isEmpty
            ? [] : ["where the host cannot give them, these may be missing: \(asked.joined(separator: " "))"]
    }
}
