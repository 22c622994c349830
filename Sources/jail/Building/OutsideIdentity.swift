// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CCap
import JailPlan
import Linux

/// A jail whose processes are nobody's but its own to the host: it looks like the owner inside, what it makes on disk
/// is the owner's, and the owner's other processes are out of its reach even where a namespace leaks.
///
/// The owner's rights are used for one thing, to open what the plan binds; after that the mounts are all there is of
/// them, and each shows the owner's files as the jail's (id-mapped mounts, kernel 5.12).
enum OutsideIdentity {
    static let stageName = "identity.dynamic"

    /// Opens everything that the plan takes from the host, as the owner, for a jail that will be `outside`.
    static func openSources(_ plan: JailPlan, outside: JailPlan.Identity.IDs, into sources: inout HostSources)
        throws(JailFailure)
    {
        let owner = plan.identity
        try requireCapabilities()
        guard outside.uid != 0, outside.gid != 0, outside.uid != owner.uid, outside.gid != owner.gid else {
            throw JailFailure(
                stage: stageName, action: "\(outside.uid):\(outside.gid) cannot stand for \(owner.uid):\(owner.gid)",
                hint: "it has to be a user and a group of nobody else's")
        }
        let map = try stage(stageName) { () throws(SystemError) in
            try IdentityMap.swapping(users: (owner.uid, outside.uid), groups: (owner.gid, outside.gid))
        }
        let rights = try stage(stageName) { () throws(SystemError) in try OwnersRights.take(owner) }
        try sources.takeAll(of: plan)
        try stage(stageName) { () throws(SystemError) in try rights.giveBack() }
        for (number, entry) in plan.filesystem.enumerated() {
            switch sources.taken[number] {
            case .tree(let tree):
                var isNeeded = true
                if case .bind(let bind) = entry.kind { isNeeded = bind.writable }
                sources.taken[number] = .tree(try copy(tree, by: map, isNeeded: isNeeded, entry))
            case .layers(let lower, let changes):
                sources.taken[number] = .layers(
                    lower: try copy(lower, by: map, isNeeded: true, entry),
                    changes: try copy(changes, by: map, isNeeded: true, entry))
            case .nothing, .bytes, nil: break
            }
        }
    }

    /// A copy of the tree's mounts in which the owner's files are the jail's.
    ///
    /// What is only read may do without: then the jail reads what everyone may.
    private static func copy(
        _ tree: HostTree, by map: borrowing OwnedDescriptor, isNeeded: Bool, _ entry: FilesystemEntry
    ) throws(JailFailure) -> HostTree {
        do throws(SystemError) {
            return HostTree(copy: try mapped(tree, by: map), of: tree)
        } catch {
            guard isNeeded else {
                return try entry.stage { () throws(SystemError) in
                    let plain = try Mount(copyOf: tree.descriptor)
                    try plain.makePrivate()
                    return HostTree(copy: plain.release(), of: tree)
                }
            }
            let type = Mount.fileSystemType(of: tree.descriptor.number) ?? "file system"
            throw JailFailure(
                stage: stageName, SystemError("show \(tree.path) to the jail as its own", errno: error.errno),
                hint: "the \(type) there, or something mounted below, cannot be id-mapped; use the owner's identity")
        }
    }

    private static func mapped(
        _ tree: HostTree, by map: borrowing OwnedDescriptor
    ) throws(SystemError) -> OwnedDescriptor {
        let mount = try Mount(copyOf: tree.descriptor)
        try mount.mapIdentities(by: map)
        return mount.release()
    }

    private static func requireCapabilities() throws(JailFailure) {
        for (capability, name) in [
            (CAP_SYS_ADMIN, "CAP_SYS_ADMIN"), (CAP_SETUID, "CAP_SETUID"), (CAP_SETGID, "CAP_SETGID"),
        ] where !Privileges.has(capability) {
            throw JailFailure(
                stage: stageName, SystemError("be someone else to the host without", name, errno: EPERM),
                hint: "a jail with an identity of its own is started by root, or by a service with CAP_SYS_ADMIN, "
                    + "CAP_SETUID and CAP_SETGID")
        }
    }
}

/// The rights of the owner and no others, until they are given back: his user, groups and no capability over files.
private struct OwnersRights {
    private let user: uid_t
    private let group: gid_t
    private let groups: [gid_t]

    static func take(_ owner: JailPlan.Identity) throws(SystemError) -> OwnersRights {
        var groups = [gid_t](repeating: 0, count: Int(try check("count the groups") { getgroups(0, nil) }))
        let count = Int32(groups.count)
        try check("read the groups") { getgroups(count, &groups) }
        let own = OwnersRights(user: geteuid(), group: getegid(), groups: groups)
        try Credentials.setGroups(owner.groups)
        try check("take the group", "\(owner.gid)") { setegid(owner.gid) }
        try check("take the user", "\(owner.uid)") { seteuid(owner.uid) }
        // A starter who is not root keeps his capabilities over the change of user; the owner had none.
        try Privileges.layDown(allBut: [CAP_SETUID, CAP_SETGID])
        return own
    }

    func giveBack() throws(SystemError) {
        try Privileges.takeUpPermitted()
        try check("take the user back", "\(user)") { seteuid(user) }
        try check("take the group back", "\(group)") { setegid(group) }
        try Credentials.setGroups(groups)
        // A change of user makes /proc/self root's (proc(5)).
        try Processes.set(.dumpable, 1)
    }
}
