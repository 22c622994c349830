// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// The steps from the keeper's process to the jail's first one: join the cgroup, become the owner, leave the
/// namespaces. Runs in a child of the keeper, and never returns to its code.
enum Builder {
    /// Where the builder finds what it was given, whatever numbers these had before.
    static let control: Int32 = 3
    static let agentDirectory: Int32 = 4

    /// The standard streams that the jail is built with; nil is `/dev/null`.
    struct Streams {
        var input: Int32?
        var output: Int32?
        var error: Int32?
    }

    static func run(_ plan: JailPlan, control: Int32, agentDirectory: Int32?, streams: Streams) -> Never {
        do {
            try stage("descriptors") { () throws(SystemError) in
                try arrange(control: control, agentDirectory: agentDirectory, streams: streams)
            }
            try joinCgroup(plan.cgroup)
            try becomeOwner(plan.identity)
            try leaveNamespaces(plan)
            let fork = try stage("namespace.pid") { () throws(SystemError) in try Processes.fork() }
            if fork == .child { FirstProcess.run(plan, hasAgentDirectory: agentDirectory != nil) }
            _exit(0)
        } catch {
            fail(error)
        }
    }

    /// Tells the keeper, and ends. With it goes all that was built: it only ever existed in namespaces of its own.
    static func fail(_ failure: JailFailure) -> Never {
        try? ControlMessage.failed(failure).send(to: control)
        _exit(125)
    }

    /// Puts every descriptor in its place and closes the rest: nothing of the keeper's (its log, its sockets, its lock)
    /// may reach the jail, not even for the time it takes to build it.
    private static func arrange(
        control: Int32, agentDirectory: Int32?, streams: Streams
    ) throws(SystemError) {
        let null = try Files.open("/dev/null", O_RDWR)
        let wanted: [(from: Int32, to: Int32)] = [
            (streams.input ?? null.number, 0), (streams.output ?? null.number, 1), (streams.error ?? null.number, 2),
            (control, Builder.control), (agentDirectory ?? null.number, Builder.agentDirectory),
        ]
        // First out of the way of all the targets, then onto them.
        var moved: [(from: Int32, to: Int32)] = []
        for (from, to) in wanted {
            moved.append((try check("duplicate a descriptor") { fcntl(from, F_DUPFD_CLOEXEC, 16) }, to))
        }
        for (from, to) in moved { try check("place a descriptor") { dup2(from, to) } }
        _ = null.release()
        try Processes.closeDescriptors(above: Builder.agentDirectory)
    }

    private static func joinCgroup(_ path: String?) throws(JailFailure) {
        guard let path else { return }
        try stage("cgroup") { () throws(SystemError) in
            // While the rights are still the starter's. "0" is the writing process itself (cgroups(7)).
            let processes = try Files.open(path + "/cgroup.procs", O_WRONLY)
            try Files.write([UInt8(ascii: "0")], to: processes.number)
        }
    }

    private static func becomeOwner(_ identity: JailPlan.Identity) throws(JailFailure) {
        guard geteuid() != identity.uid || getegid() != identity.gid else { return }
        try stage("identity.take") { () throws(SystemError) in
            try Credentials.become(uid: identity.uid, gid: identity.gid, groups: identity.groups)
            // A change of user makes /proc/self root's, and the maps below could not be written (proc(5)).
            try Processes.set(.dumpable, 1)
        }
    }

    private static func leaveNamespaces(_ plan: JailPlan) throws(JailFailure) {
        // The user namespace first and alone: it owns the others, and gives the rights to set them up.
        try stage("namespace.user") { () throws(SystemError) in try Namespaces.user.unshare() }
        try stage("identity.map") { () throws(SystemError) in
            try Namespaces.mapIdentity(uid: plan.identity.uid, gid: plan.identity.gid)
        }
        var others: Namespaces = [.mount, .pid, .ipc, .uts, .cgroup]
        if plan.network == .none { others.insert(.network) }
        try stage("namespace.others") { [others] () throws(SystemError) in try others.unshare() }
    }
}
