// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import FoundationEssentials
import Glibc
import Profiles

/// Whom the jail belongs to.
struct OwnerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The user whose jail it is, if not the caller. For root only.", valueName: "name|uid"))
    var user: String?

    func owner() throws -> PlanRequest.Owner {
        guard let user else { return caller() }
        guard getuid() == 0 else { throw ValidationError("--user is for root only") }
        guard let entry = getpwnam(user) ?? UInt32(user).flatMap({ getpwuid($0) }) else {
            throw ValidationError("there is no user \(user)")
        }
        let name = String(cString: entry.pointee.pw_name)
        return PlanRequest.Owner(
            uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid, groups: groups(of: name, entry.pointee.pw_gid),
            name: name, home: String(cString: entry.pointee.pw_dir))
    }

    private func caller() -> PlanRequest.Owner {
        var groups = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
        groups = Array(groups.prefix(max(0, Int(getgroups(Int32(groups.count), &groups)))))
        let entry = getpwuid(getuid())
        let home = ProcessInfo.processInfo.environment["HOME"]
        return PlanRequest.Owner(
            uid: getuid(), gid: getgid(), groups: groups,
            // A container may well run as a number that no file names.
            name: entry.map { String(cString: $0.pointee.pw_name) } ?? "user\(getuid())",
            home: entry.map { String(cString: $0.pointee.pw_dir) } ?? home ?? "/nonexistent")
    }

    private func groups(of name: String, _ gid: gid_t) -> [UInt32] {
        var count: Int32 = 64
        var groups = [gid_t](repeating: 0, count: Int(count))
        // Too small a list makes the call fail and say how many there are.
        while getgrouplist(name, gid, &groups, &count) < 0, Int(count) > groups.count {
            groups = [gid_t](repeating: 0, count: Int(count))
        }
        return Array(groups.prefix(Int(count)))
    }
}
