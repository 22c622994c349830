// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import JailPlan

/// One element of `seccomp.allow` or `seccomp.deny`.
struct SystemCallEntry: Sendable, Equatable {
    /// A call or a group.
    var name: String
    /// All of them have to hold; none are always true.
    var conditions: [JailPlan.SystemCallRule.Condition] = []
    /// What is asked for beyond the list's own answer.
    var action: JailPlan.SystemCallRule.Action?

    enum List: String {
        case allow
        case deny
    }

    static func read(_ list: List, _ mapping: ConfigurationMapping) -> [SystemCallEntry] {
        mapping.list(list.rawValue) { node in
            mapping.either(
                node, "a system call, a group, or {call: …, when: …}",
                text: { name in
                    check(name, mapping)
                    return SystemCallEntry(name: name.value)
                },
                mapping: { read(list, entry: $0) })
        } ?? []
    }

    private static func read(_ list: List, entry: ConfigurationMapping) -> SystemCallEntry? {
        let name = entry.required("call", "a rule needs a \"call\"")
        let conditions = readConditions(entry)
        let action: JailPlan.SystemCallRule.Action? =
            switch list {
            case .allow: entry.choice("action", of: Permission.self).map { _ in .log }
            case .deny: entry.choice("action", of: Refusal.self).map { .refuse($0.value.plan) }
            }
        guard let name else { return nil }
        check(name, entry)
        if name.value.hasPrefix("@"), !conditions.isEmpty {
            entry.problem(name.position, "conditions are about one call's arguments, and \"\(name.value)\" is a group")
        }
        return SystemCallEntry(name: name.value, conditions: conditions, action: action)
    }

    private static func check(_ name: Located<String>, _ mapping: ConfigurationMapping) {
        if let problem = SystemCallSelection.problem(with: name.value) { mapping.problem(name.position, problem) }
    }

    private static func readConditions(_ entry: ConfigurationMapping) -> [JailPlan.SystemCallRule.Condition] {
        let conditions = entry.strings("when")?.compactMap { text -> JailPlan.SystemCallRule.Condition? in
            switch JailPlan.SystemCallRule.Condition.parse(text.value) {
            case .success(let condition): return condition
            case .failure(let fault):
                entry.problem(text.position, fault.message)
                return nil
            }
        }
        if let conditions, conditions.count > maximumConditions {
            entry.problem(entry.position, "a rule has at most \(maximumConditions) conditions")
        }
        return conditions ?? []
    }

    /// What `jail` makes filters of.
    private static let maximumConditions = 16

    /// The only action under `allow`.
    private enum Permission: String, CaseIterable { case log }
}

struct ConditionFault: Error {
    var message: String
}

extension JailPlan.SystemCallRule.Condition {
    /// `0 == 0xffffffff`, `1 < 3`, `0 & 0xff == 3`.
    static func parse(_ text: String) -> Result<Self, ConditionFault> {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 3 || (words.count == 5 && words[1] == "&" && words[3] == "=="),
            let argument = UInt32(words[0]), argument <= 5, words[0].count == 1,
            let last = number(words[words.count - 1])
        else {
            return .failure(
                ConditionFault(
                    message: "\"\(text)\" is no condition: write the argument's number, a comparison and a value, "
                        + "such as \"0 == 3\", \"1 >= 0x10\" or \"0 & 0xff == 3\""))
        }
        if words.count == 5 {
            guard let mask = number(words[2]) else {
                return .failure(ConditionFault(message: "\"\(words[2])\" is no number"))
            }
            guard last & ~mask == 0 else {
                return .failure(
                    ConditionFault(message: "\"\(text)\" is never true: the value has bits that the mask lacks"))
            }
            return .success(.init(argument: argument, comparison: .equalUnder(mask: mask), value: last))
        }
        guard let comparison = comparisons[words[1]] else {
            return .failure(
                ConditionFault(message: "\"\(words[1])\" is no comparison; there are == != < <= > >= and & with =="))
        }
        return .success(.init(argument: argument, comparison: comparison, value: last))
    }

    private static let comparisons: [String: Comparison] = [
        "==": .equal, "!=": .notEqual, "<": .less, "<=": .lessOrEqual, ">": .greater, ">=": .greaterOrEqual,
    ]

    private static func number(_ text: String) -> UInt64? {
        guard text.utf8.allSatisfy({ $0 != 0x2B }) else { return nil }
        return text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }

    /// For a refusal. Where the kernel takes an argument as an int it ignores the upper half, which a program can set
    /// to anything: compared whole, the value would not be found (CVE-2019-10063). So only the lower half counts.
    var refusing: Self {
        guard case .equal = comparison, value <= 0xFFFF_FFFF else { return self }
        return .init(argument: argument, comparison: .equalUnder(mask: 0xFFFF_FFFF), value: value)
    }

    /// Whether a program that sets the upper half of an int argument gets by a rule of this kind.
    func isEvadable(refuses: Bool) -> Bool {
        switch comparison {
        case .less, .lessOrEqual: refuses
        case .notEqual, .greater, .greaterOrEqual: !refuses
        case .equal, .equalUnder: false
        }
    }
}

/// What happens on a call that is not allowed: `seccomp.default`, and `action` under `seccomp.deny`.
package enum Refusal: String, CaseIterable, Sendable {
    case permission = "EPERM"
    case access = "EACCES"
    case missing = "ENOSYS"
    case invalid = "EINVAL"
    case unsupported = "EOPNOTSUPP"
    case kill

    var plan: JailPlan.Refusal {
        switch self {
        case .permission: .errno(EPERM)
        case .access: .errno(EACCES)
        case .missing: .errno(ENOSYS)
        case .invalid: .errno(EINVAL)
        case .unsupported: .errno(EOPNOTSUPP)
        case .kill: .kill
        }
    }

    /// As in a profile.
    package static func name(of refusal: JailPlan.Refusal) -> String {
        allCases.first { $0.plan == refusal }?.rawValue ?? "\(refusal)"
    }
}

/// The address families of socket(2) by the names of `seccomp.families`, which are the kernel's AF_… in small letters.
package enum SocketFamily {
    /// Numbers from `linux/socket.h`; they are part of the kernel's interface and the same everywhere.
    package static let numbers: [String: Int32] = [
        "unix": 1, "inet": 2, "ax25": 3, "ipx": 4, "appletalk": 5, "x25": 9, "inet6": 10, "key": 15, "netlink": 16,
        "packet": 17, "rds": 21, "pppox": 24, "llc": 26, "ib": 27, "mpls": 28, "can": 29, "tipc": 30, "bluetooth": 31,
        "rxrpc": 33, "phonet": 35, "ieee802154": 36, "caif": 37, "alg": 38, "nfc": 39, "vsock": 40, "kcm": 41,
        "qipcrtr": 42, "smc": 43, "xdp": 44, "mctp": 45,
    ]

    package static func name(_ number: Int32) -> String {
        numbers.first { $0.value == number }?.key ?? "family \(number)"
    }
}
