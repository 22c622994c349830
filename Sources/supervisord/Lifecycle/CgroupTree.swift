// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux

/// The part of the cgroup v2 hierarchy that is delegated to this daemon: its own cgroup is a leaf of it, and each agent
/// has one beside that, which carries the agent's limits and counts what it uses.
///
/// Every call but `path` blocks on the file system.
struct CgroupTree: Sendable {
    let path: String

    /// The daemon's own leaf. systemd starts it there (DelegateSubgroup=, version 254).
    private static let leaf = "supervisord"

    /// Why there is none: a clause for a person.
    struct Absence: Error, CustomStringConvertible {
        let description: String
    }

    /// Takes what is delegated, and turns its controllers on for the agents'.
    static func take() throws -> CgroupTree {
        guard let place = try CgroupPlace.own() else { throw Absence(description: "no cgroup v2 is mounted here") }
        let isInLeaf = place.path.hasSuffix("/\(leaf)")
        let path = isInLeaf ? String(place.path.dropLast(leaf.utf8.count + 1)) : place.path
        for name in ["", "/cgroup.procs", "/cgroup.subtree_control"] where access(path + name, W_OK) != 0 {
            throw Absence(description: "the cgroup \(path) is not delegated to this user")
        }
        if path.hasSuffix(".service") && !isInLeaf {
            // A cgroup with children that have controllers takes no process of its own, and there systemd would put
            // the next daemon, as long as agents live: it could not be restarted.
            throw Absence(
                description: "the unit has no DelegateSubgroup=\(leaf), which needs systemd 254: without it systemd "
                    + "could not restart the daemon while agents run")
        }
        let base = try Cgroup(path: path)
        try turnOn(base)
        return CgroupTree(path: path)
    }

    private static func turnOn(_ base: borrowing Cgroup) throws {
        let controllers = try base.controllers()
        if try !isBusy(base, giving: controllers) { return }
        guard try base.processes() == [getpid()] else {
            throw Absence(description: "the cgroup \(base.path) holds other processes than this daemon")
        }
        // Out of the way: only leaves may have processes. An earlier daemon can have left the leaf.
        if mkdirat(base.directory.number, leaf, 0o755) != 0, errno != EEXIST {
            throw SystemError("create the cgroup", "\(base.path)/\(leaf)", errno: errno)
        }
        let leaf = try Cgroup(path: "\(base.path)/\(leaf)")
        try leaf.add(0)
        try base.giveChildren(controllers)
    }

    /// True when it holds processes itself and so cannot give its children anything.
    private static func isBusy(
        _ base: borrowing Cgroup, giving controllers: Set<String>
    ) throws(SystemError) -> Bool {
        do {
            try base.giveChildren(controllers)
            return false
        } catch  where error.errno == EBUSY {
            return true
        }
    }

    /// One for each attempt, so that what an earlier one has used is not counted again.
    func path(of agent: AgentID, attempt: Int) -> String {
        "\(path)/agent-\(agent)" + (attempt > 1 ? ".\(attempt)" : "")
    }

    /// Makes an agent's, empty and without limits: these are the shim's to write.
    func make(_ path: String) throws(SystemError) {
        try check("create the cgroup", path) { mkdir(path, 0o755) }
    }
}
