// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A resource limit of a profile, as in prlimit(1); nil is no limit.
struct ResourceLimitRange: Sendable, Equatable {
    var soft: UInt64?
    var hard: UInt64?

    /// The names of prlimit(1), and whether the unit is a byte.
    static let resources: [String: Bool] = [
        "as": true, "core": true, "cpu": false, "data": true, "fsize": true, "locks": false, "memlock": true,
        "msgqueue": true, "nice": false, "nproc": false, "rss": true, "rtprio": false, "rttime": false,
        "sigpending": false, "stack": true,
    ]

    static func read(_ mapping: ConfigurationMapping) -> [String: ResourceLimitRange] {
        mapping.notYet("nofile", "the number of open files is \"files\" under \"limits\"")
        var limits: [String: ResourceLimitRange] = [:]
        for (resource, inBytes) in resources {
            let one = "(unlimited|(0|[1-9][0-9]*)\(inBytes ? "[KMGT]?" : ""))"
            guard let text = mapping.string(resource, as: .text(pattern: "^\(one)(:\(one))?$")) else { continue }
            let parts = text.value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let values = parts.map { value(String($0), inBytes: inBytes) }
            guard let soft = values[0], let hard = values.count == 2 ? values[1] : soft else {
                let size = inBytes ? ", a size such as 64M" : ""
                mapping.problem(
                    text.position,
                    "\"\(resource)\" is a number\(size), unlimited, or soft:hard, not \"\(text.value)\"")
                continue
            }
            guard soft <= hard else {
                mapping.problem(text.position, "the soft limit of \"\(resource)\" is above the hard one")
                continue
            }
            limits[resource] = ResourceLimitRange(soft: soft.number, hard: hard.number)
        }
        return limits
    }

    private enum Value: Comparable {
        case number(UInt64)
        case unlimited

        var number: UInt64? { if case .number(let number) = self { number } else { nil } }
    }

    private static func value(_ text: String, inBytes: Bool) -> Value? {
        if text == "unlimited" { return .unlimited }
        if inBytes { return ConfigurationScalar.byteCount(text).map(Value.number) }
        return ConfigurationScalar.integer(text).flatMap { $0 < 0 ? nil : .number(UInt64($0)) }
    }
}
