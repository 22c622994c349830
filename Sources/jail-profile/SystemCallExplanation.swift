// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Profiles

/// A jail's system calls in words: the rules, then the groups.
struct SystemCallExplanation {
    let plan: JailPlan

    init(_ plan: JailPlan) { self.plan = plan }

    var lines: [String] {
        guard case .policy(let policy) = plan.systemCalls else { return ["compiled filters"] }
        let refused = "\(policy.refused.count) known others \(words(policy.refusal))"
        return [
            "\(policy.allowed.count) allowed; \(refused); the rest: ENOSYS",
            "refused whatever stands here: new namespaces (clone, clone3, unshare, setns), typing into a terminal",
            "refused calls are \(policy.log ? "reported and counted" : "not reported")",
            policy.socketFamilies.map { "sockets: \($0.map(SocketFamily.name).joined(separator: " "))" }
                ?? "sockets: of any family",
        ] + policy.rules.map(words) + groups(Set(policy.allowed))
    }

    private func groups(_ allowed: Set<String>) -> [String] {
        SystemCallSelection.groups.map { group in
            let members = SystemCallSelection.expand(group)
            let count = members.intersection(allowed).count
            var line = "\(group): \(count) of \(members.count)"
            // A few that differ are worth naming.
            let refused = members.subtracting(allowed).sorted()
            if count > 0, (1...8).contains(refused.count) { line += ", without \(refused.joined(separator: " "))" }
            if count > 0, count <= 4, refused.count > 8 {
                line += ": \(members.intersection(allowed).sorted().joined(separator: " "))"
            }
            return line + (SystemCallSelection.purpose(of: group).map { " (\($0))" } ?? "")
        }
    }

    private func words(_ rule: JailPlan.SystemCallRule) -> String {
        let conditions = rule.conditions.map(words).joined(separator: " and ")
        let action =
            switch rule.action {
            case .allow: "allowed"
            case .log: "allowed, and logged"
            case .refuse(let refusal): words(refusal)
            }
        return "\(rule.call)\(conditions.isEmpty ? "" : " where \(conditions)"): \(action)"
    }

    private func words(_ condition: JailPlan.SystemCallRule.Condition) -> String {
        let comparison =
            switch condition.comparison {
            case .equal: "=="
            case .notEqual: "!="
            case .less: "<"
            case .lessOrEqual: "<="
            case .greater: ">"
            case .greaterOrEqual: ">="
            case .equalUnder(let mask): "& 0x\(String(mask, radix: 16)) =="
            }
        return "argument \(condition.argument) \(comparison) \(condition.value)"
    }

    private func words(_ refusal: JailPlan.Refusal) -> String {
        switch refusal {
        case .errno: "fail with \(Refusal.name(of: refusal))"
        case .kill: "end the process"
        }
    }
}
