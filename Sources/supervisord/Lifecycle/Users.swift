// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import Profiles

/// What the host's user database says. Every call may block: it can be on a network.
enum Users {
    /// Nil when there is no such user.
    static func owner(uid: UInt32) -> PlanRequest.Owner? {
        var buffer = [CChar](repeating: 0, count: 64 * 1024)
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        let name = String(cString: entry.pw_name)
        var groups = [gid_t](repeating: 0, count: 1024)
        var count = Int32(groups.count)
        if getgrouplist(name, entry.pw_gid, &groups, &count) < 0 { count = 0 }
        return PlanRequest.Owner(
            uid: uid, gid: entry.pw_gid, groups: Array(groups.prefix(Int(count))), name: name,
            home: String(cString: entry.pw_dir))
    }

    /// The user that runs this process, also one that the database does not know, as in many containers.
    static func current(home: String) -> PlanRequest.Owner {
        var groups = [gid_t](repeating: 0, count: 1024)
        let count = getgroups(Int32(groups.count), &groups)
        return PlanRequest.Owner(
            uid: geteuid(), gid: getegid(), groups: Array(groups.prefix(Int(max(0, count)))), name: "uid\(geteuid())",
            home: home)
    }

    /// The user's name, or the number for one without.
    static func name(of uid: UInt32) -> String {
        owner(uid: uid)?.name ?? String(uid)
    }

    /// Somebody as access rules name them.
    static func person(_ uid: UInt32, groups: Set<UInt32>) -> AccessRules.Person {
        let groupNames = groups.flatMap { [groupName($0), "\($0)"].compactMap(\.self) }
        return AccessRules.Person(uid: uid, names: [name(of: uid), "\(uid)"], groups: Set(groupNames))
    }

    private static func groupName(_ gid: UInt32) -> String? {
        // A group with thousands of members has a long entry.
        var buffer = [CChar](repeating: 0, count: 1 << 20)
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        guard getgrgid_r(gid, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return String(cString: entry.gr_name)
    }
}
