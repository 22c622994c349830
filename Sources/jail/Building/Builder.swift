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
        var passed = PassedDescriptors()
    }

    static func run(_ plan: JailPlan, control: Int32, agentDirectory: Int32?, streams: Streams) -> Never {
        do {
            try stage("descriptors") { () throws(SystemError) in
                try arrange(control: control, agentDirectory: agentDirectory, streams: streams)
            }
            // Whatever is made here has the mode that is asked for; the agent's own mask comes last.
            umask(0)
            var plan = plan
            try raiseFileLimit(&plan)
            var sources = HostSources(plan, hasAgentDirectory: agentDirectory != nil, passed: streams.passed)
            try openSources(&plan, &sources)
            if plan.filesystem.contains(where: { $0.kind == .protected }) {
                sources.placeholders = try stage("mount.protected") { () throws(SystemError) in
                    try Placeholders.startKeeper(plan.identity)
                }
            }
            try joinCgroup(plan.cgroup)
            try becomeOwner(plan.identity)
            try leaveNamespaces(plan)
            // A child of the keeper's, as this process is, so that the keeper's end is its parent's.
            let fork = try stage("namespace.pid") { () throws(SystemError) in try Processes.forkSibling() }
            if fork == .child { FirstProcess.run(plan, sources) }
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
        let passed = streams.passed
        let wanted: [(from: Int32, to: Int32)] =
            [
                (streams.input ?? null.number, 0), (streams.output ?? null.number, 1),
                (streams.error ?? null.number, 2),
                (control, Builder.control), (agentDirectory ?? null.number, Builder.agentDirectory),
            ] + passed.placement
        let above = max(16, (wanted.flatMap { [$0.from, $0.to] }.max() ?? 0) + 1)
        // First out of the way of all the targets, then onto them.
        var moved: [(from: Int32, to: Int32)] = []
        for (from, to) in wanted {
            moved.append((try check("duplicate a descriptor") { fcntl(from, F_DUPFD_CLOEXEC, above) }, to))
        }
        for (from, to) in moved { try check("place a descriptor") { dup2(from, to) } }
        _ = null.release()
        try Processes.closeDescriptors(above: max(Builder.agentDirectory, passed.last))
    }

    /// How many descriptors may be on their way through sockets is counted for all that the owner's processes send, and
    /// held against the sender's limit of open files: another agent of his could keep this jail from being built
    /// (ETOOMANYREFS, unix(7)). The agent itself gets the limit that there was.
    private static func raiseFileLimit(_ plan: inout JailPlan) throws(JailFailure) {
        try stage("rlimits.nofile") {
            [hasLimit = plan.limits.contains { $0.resource == "nofile" }] () throws(SystemError) in
            let present = try ResourceLimits.present("nofile")
            if !hasLimit { plan.limits.append(.init(resource: "nofile", soft: present.soft, hard: present.hard)) }
            try ResourceLimits.set("nofile", soft: present.hard, hard: present.hard)
        }
    }

    private static func joinCgroup(_ path: String?) throws(JailFailure) {
        guard let path else { return }
        try stage("cgroup") { () throws(SystemError) in
            // While the rights are still the starter's. "0" is the writing process itself (cgroups(7)).
            let processes = try Files.open(path + "/cgroup.procs", O_WRONLY)
            try Files.write([UInt8(ascii: "0")], to: processes.number)
        }
    }

    /// For a jail that is not its owner to the host: all that takes the owner's rights is done before.
    private static func openSources(_ plan: inout JailPlan, _ sources: inout HostSources) throws(JailFailure) {
        guard let outside = plan.identity.outside else { return }
        do {
            try OutsideIdentity.openSources(plan, outside: outside, into: &sources)
        } catch  where error.stage == OutsideIdentity.stageName {
            try Degradation.goWithout("identity", plan, because: error)
            plan.identity.outside = nil
            sources.taken = [:]
        }
    }

    private static func becomeOwner(_ identity: JailPlan.Identity) throws(JailFailure) {
        let uid = identity.outside?.uid ?? identity.uid
        let gid = identity.outside?.gid ?? identity.gid
        guard geteuid() != uid || getegid() != gid else { return }
        try stage("identity.take") { () throws(SystemError) in
            try Credentials.become(uid: uid, gid: gid, groups: identity.outside == nil ? identity.groups : [])
            // A change of user makes /proc/self root's, and the maps below could not be written (proc(5)).
            try Processes.set(.dumpable, 1)
        }
    }

    private static func leaveNamespaces(_ plan: JailPlan) throws(JailFailure) {
        let mapper = plan.identity.hasSubordinates ? try SubordinateMapper.start(plan.identity) : nil
        // The user namespace first and alone: it owns the others, and gives the rights to set them up.
        try stage("namespace.user") { () throws(SystemError) in try Namespaces.user.unshare() }
        if let mapper {
            try mapper.map()
        } else {
            try stage("identity.map") { () throws(SystemError) in
                let identity = plan.identity
                try Namespaces.mapIdentity(
                    inside: (identity.inside?.uid ?? identity.uid, identity.inside?.gid ?? identity.gid),
                    outside: (identity.outside?.uid ?? identity.uid, identity.outside?.gid ?? identity.gid))
            }
        }
        var others: Namespaces = [.mount, .pid, .ipc, .uts, .cgroup]
        if plan.network == .none { others.insert(.network) }
        try stage("namespace.others") { [others] () throws(SystemError) in try others.unshare() }
        if let offsets = plan.clockOffsets { try setClocks(offsets, plan) }
    }

    private static func setClocks(_ offsets: JailPlan.ClockOffsets, _ plan: JailPlan) throws(JailFailure) {
        do throws(SystemError) {
            try Namespaces.time.unshare()
            try Namespaces.setClocks(monotonic: offsets.monotonic, boot: offsets.boot)
        } catch {
            let hint =
                error.errno == ERANGE || error.errno == EINVAL
                ? "a clock can neither be set before the machine's start nor centuries ahead; time namespaces are in "
                    + "kernel 5.6 and later"
                : nil
            try Degradation.goWithout("clocks", plan, because: JailFailure(stage: "namespace.time", error, hint: hint))
        }
    }
}
