// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

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

    /// Deny wins over allow. A call that stands anywhere with conditions is allowed under them only, whatever group
    /// has it. What is known and not allowed is refused in so many words, and so looks like a refusal; what is not
    /// even known looks like an older kernel (``JailPlan/SystemCallPolicy/refused``).
    static func policy(
        allow: [SystemCallEntry], deny: [SystemCallEntry], refusal: JailPlan.Refusal, families: [Int32]? = nil,
        log: Bool = false
    ) -> JailPlan.SystemCallPolicy {
        let conditional = Set(allow.filter { !$0.conditions.isEmpty }.map(\.name))
        let denied = deny.filter(\.conditions.isEmpty).reduce(into: Set<String>()) { $0.formUnion(expand($1.name)) }
        let allowed = allow.filter(\.conditions.isEmpty)
            .reduce(into: Set<String>()) { $0.formUnion(expand($1.name)) }
            .subtracting(conditional).subtracting(denied)

        // The first rule that holds decides: refusals before permissions, and special cases before the general one.
        let special = deny.filter { !$0.conditions.isEmpty } + deny.filter { $0.conditions.isEmpty && $0.action != nil }
        var rules = special.flatMap { entry in
            expand(entry.name).sorted().map {
                JailPlan.SystemCallRule(
                    call: $0, action: entry.action ?? .refuse(refusal), conditions: entry.conditions.map(\.refusing))
            }
        }
        for entry in allow where !entry.conditions.isEmpty || entry.action != nil {
            for call in expand(entry.name).subtracting(denied).sorted() {
                if entry.conditions.isEmpty, conditional.contains(call) { continue }
                rules.append(.init(call: call, action: entry.action ?? .allow, conditions: entry.conditions))
            }
        }
        return JailPlan.SystemCallPolicy(
            allowed: allowed.sorted(), refused: known.subtracting(allowed).sorted(), refusal: refusal, rules: rules,
            socketFamilies: families.map { Set($0).sorted() }, log: log)
    }
}
