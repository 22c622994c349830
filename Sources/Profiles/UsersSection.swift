// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// A profile's `users`: who there is in the jail.
struct UsersSection: Sendable {
    /// Whether the owner is root in the jail.
    var root: Bool?
    /// Whether there are the owner's subordinate users and groups as well.
    var subordinate: Bool?
    var subordinatePosition: SourcePosition?

    static func read(_ mapping: ConfigurationMapping) -> UsersSection {
        let subordinate = mapping.boolean("subordinate")
        return UsersSection(
            root: mapping.boolean("root")?.value, subordinate: subordinate?.value,
            subordinatePosition: subordinate?.value == true ? subordinate?.position : nil)
    }

    func layered(over base: UsersSection) -> UsersSection {
        UsersSection(
            root: root ?? base.root, subordinate: subordinate ?? base.subordinate,
            subordinatePosition: subordinate == nil ? base.subordinatePosition : subordinatePosition)
    }
}

/// Ids of the host's that are one user's to give to others (subuid(5), subgid(5)).
package struct SubordinateIDs: Sendable {
    package var users = "/etc/subuid"
    package var groups = "/etc/subgid"

    package init(users: String = "/etc/subuid", groups: String = "/etc/subgid") {
        self.users = users
        self.groups = groups
    }

    /// More than any map of the kernel's can have (340 lines).
    private static let mostRanges = 100

    /// The owner's in a file, as what they are in a jail where `own` is taken: the others from 0 on, in their order.
    static func ranges(
        in file: String, of owner: PlanRequest.Owner, besides own: UInt32
    ) -> [JailPlan.Identity.IDRange] {
        guard let bytes = try? HostFile.read(file, limit: 1 << 20) else { return [] }
        var ranges: [JailPlan.Identity.IDRange] = []
        var next: UInt64 = 0
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0] == owner.name || fields[0] == "\(owner.uid)",
                var outside = UInt32(fields[1]).map(UInt64.init), var left = UInt32(fields[2]).map(UInt64.init),
                outside + left <= UInt64(UInt32.max)
            else { continue }
            while left > 0, ranges.count < mostRanges, next + left < UInt64(UInt32.max) {
                if next == UInt64(own) { next += 1 }
                let count = next < UInt64(own) ? min(left, UInt64(own) - next) : left
                ranges.append(.init(inside: UInt32(next), outside: UInt32(outside), count: UInt32(count)))
                next += count
                outside += count
                left -= count
            }
        }
        return ranges
    }
}
