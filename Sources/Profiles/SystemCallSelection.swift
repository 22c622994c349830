// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import JailPlan

/// Which system calls a profile's `seccomp` key lets through.
package enum SystemCallSelection {
    /// Every system call that this version knows by name.
    package static let known: Set<String> = {
        var known = Set(SystemCallGroups.others)
        for name in SystemCallGroups.all.keys { known.formUnion(expand(name)) }
        return known
    }()

    /// The group names, sorted.
    package static let groups: [String] = SystemCallGroups.all.keys.sorted()

    /// What a group is for, in a few words.
    package static func purpose(of group: String) -> String? { SystemCallGroups.all[group]?.purpose }

    /// The calls that a group's or a call's name stands for.
    package static func expand(_ name: String) -> Set<String> {
        guard let group = SystemCallGroups.all[name] else { return [name] }
        return group.members.reduce(into: []) { $0.formUnion(expand($1)) }
    }

    /// What is wrong with a name in a list, or nil.
    static func problem(with name: String) -> String? {
        if name.hasPrefix("@") {
            guard SystemCallGroups.all[name] == nil else { return nil }
            return "unknown group of system calls \"\(name)\"" + suggestion(for: name, among: groups)
        }
        guard !known.contains(name) else { return nil }
        return "unknown system call \"\(name)\"" + suggestion(for: name, among: known)
    }

    /// Deny wins over allow. What is known and not allowed is refused in so many words, and so looks like a refusal;
    /// what is not even known looks like an older kernel (``JailPlan/SystemCallPolicy/refused``).
    static func policy(allow: [String], deny: [String], refusal: JailPlan.SystemCallPolicy.Refusal)
        -> JailPlan.SystemCallPolicy
    {
        var allowed = allow.reduce(into: Set<String>()) { $0.formUnion(expand($1)) }
        for name in deny { allowed.subtract(expand(name)) }
        return JailPlan.SystemCallPolicy(
            allowed: allowed.sorted(), refused: known.subtracting(allowed).sorted(), refusal: refusal)
    }
}

/// What happens on a call that is not allowed: `seccomp.default`.
package enum Refusal: String, CaseIterable, Sendable {
    case permission = "EPERM"
    case access = "EACCES"
    case missing = "ENOSYS"
    case kill

    var plan: JailPlan.SystemCallPolicy.Refusal {
        switch self {
        case .permission: .errno(EPERM)
        case .access: .errno(EACCES)
        case .missing: .errno(ENOSYS)
        case .kill: .kill
        }
    }
}
