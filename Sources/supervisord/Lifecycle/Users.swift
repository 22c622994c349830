// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import Profiles

/// What the host's user database says. Every call may block: it can be on a network.
enum Users {
    /// Nil when there is no such user.
    static func owner(uid: UInt32) -> PlanRequest.Owner? {
        guard let user = try? user(uid) else { return nil }
        var groups = [gid_t](repeating: 0, count: 1024)
        var count = Int32(groups.count)
        if getgrouplist(user.name, user.gid, &groups, &count) < 0 { count = 0 }
        return PlanRequest.Owner(
            uid: uid, gid: user.gid, groups: Array(groups.prefix(Int(count))), name: user.name, home: user.home)
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
        (try? user(uid))?.name ?? String(uid)
    }

    /// Somebody as access rules name them. A name of digits only would be taken for a number, and is left out. Fails when
    /// the user database cannot be asked: rules that go by names must not be passed over.
    static func person(_ uid: UInt32, groups: Set<UInt32>) throws(SystemError) -> AccessRules.Person {
        var names: Set<String> = ["\(uid)"]
        if let name = try user(uid)?.name, !name.allSatisfy(\.isNumber) { names.insert(name) }
        var groupNames = Set(groups.map { "\($0)" })
        for group in groups {
            if let name = try groupName(group), !name.allSatisfy(\.isNumber) { groupNames.insert(name) }
        }
        return AccessRules.Person(uid: uid, names: names, groups: groupNames)
    }

    private static func user(_ uid: UInt32) throws(SystemError) -> (name: String, gid: gid_t, home: String)? {
        var buffer = [CChar](repeating: 0, count: 64 * 1024)
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        try answered(getpwuid_r(uid, &entry, &buffer, buffer.count, &found), "user", uid)
        guard found != nil else { return nil }
        return (String(cString: entry.pw_name), entry.pw_gid, String(cString: entry.pw_dir))
    }

    /// That there is no such entry is said in many ways (getpwnam(3)).
    private static func answered(_ code: Int32, _ what: String, _ number: UInt32) throws(SystemError) {
        if [0, ENOENT, ESRCH, EBADF, EPERM].contains(code) { return }
        throw SystemError("look up the \(what)", "\(number)", errno: code)
    }

    private static func groupName(_ gid: UInt32) throws(SystemError) -> String? {
        // A group with thousands of members has a long entry.
        var buffer = [CChar](repeating: 0, count: 1 << 20)
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        try answered(getgrgid_r(gid, &entry, &buffer, buffer.count, &found), "group", gid)
        return found == nil ? nil : String(cString: entry.gr_name)
    }
}
