// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// A cgroup for one jail below that of this process, for `jail run`. It goes with its owner, and what was changed to
/// have it is undone: by then no process may be left in it.
struct OwnCgroup: ~Copyable {
    let path: String
    private let parent: Cgroup
    /// Where this process went to be out of the way, and which controllers that made possible.
    private let leaf: String?
    private let given: Set<String>

    private static let prefix = "jail-"

    deinit {
        do {
            try Cgroup.remove(path)
            try Self.retreat(to: parent, from: leaf, given)
        } catch {
            Command.say("\(error); it has to be removed by hand")
        }
    }

    /// - Parameter controllers: those that it is to have, as far as they can be had.
    static func make(with controllers: Set<String>) throws(SystemError) -> OwnCgroup {
        guard let place = try CgroupPlace.own() else {
            throw SystemError("find this process's cgroup: no cgroup v2 is mounted here", errno: ENOENT)
        }
        guard place.isWritable else { throw SystemError("create a cgroup in", place.path, errno: EROFS) }
        let parent = try Cgroup(path: place.path)
        sweep(parent)
        let given = controllers.intersection(try parent.controllers()).subtracting(try parent.childControllers())
        let leaf = try give(given, to: parent)
        let path: String
        do {
            path = try makeJail(in: parent)
        } catch {
            try? retreat(to: parent, from: leaf, given)
            throw error
        }
        return OwnCgroup(path: path, parent: parent, leaf: leaf, given: given)
    }

    private init(path: String, parent: consuming Cgroup, leaf: String?, given: Set<String>) {
        self.path = path
        self.parent = parent
        self.leaf = leaf
        self.given = given
    }

    /// Turns controllers on for what is in `parent`. Where that takes that no process is in it itself, and this one
    /// is the only one, it goes into a leaf first, which is returned. Other people's processes are not moved.
    private static func give(_ controllers: Set<String>, to parent: borrowing Cgroup) throws(SystemError) -> String? {
        do {
            try parent.giveChildren(controllers)
            return nil
        } catch  where error.errno == EBUSY {
            guard try parent.processes() == [getpid()] else {
                throw SystemError(
                    "limit a jail below the cgroup \(parent.path), which holds other processes too", errno: EBUSY)
            }
        }
        let leaf = try parent.makeChild("keeper-\(getpid())")
        do {
            try leaf.add(0)
            try parent.giveChildren(controllers)
        } catch {
            try? parent.add(0)
            try? Cgroup.remove(leaf.path)
            throw error
        }
        return leaf.path
    }

    private static func makeJail(in parent: borrowing Cgroup) throws(SystemError) -> String {
        let name = "\(prefix)\(getpid())"
        do {
            _ = try parent.makeChild(name)
        } catch  where error.errno == EEXIST {
            // Left by one that had our number before.
            try Cgroup.remove("\(parent.path)/\(name)")
            _ = try parent.makeChild(name)
        }
        return "\(parent.path)/\(name)"
    }

    /// Removes what was left by keepers that were killed: their jails ended with them, their cgroups could not.
    private static func sweep(_ parent: borrowing Cgroup) {
        for name in (try? parent.children()) ?? [] where name.hasPrefix(prefix) {
            guard let keeper = Int32(name.dropFirst(prefix.count)), kill(keeper, 0) != 0, errno == ESRCH else {
                continue
            }
            _ = unlinkat(parent.directory.number, name, Int32(AT_REMOVEDIR))
        }
    }

    private static func retreat(
        to parent: borrowing Cgroup, from leaf: String?, _ given: Set<String>
    ) throws(SystemError) {
        guard let leaf else { return }
        try parent.takeFromChildren(given)
        try parent.add(0)
        try Cgroup.remove(leaf)
    }
}
