// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Processes, as far as `jail` makes and ends them.
package enum Processes {
    /// fork(2). Only for a program with a single thread: in the child of any other, whatever lock another thread held
    /// stays locked for ever.
    package static func fork() throws(SystemError) -> Fork {
        let pid = try check("start a process") { Glibc.fork() }
        return pid == 0 ? .child : .parent(of: pid)
    }

    /// The same, with the child in another cgroup from its first moment on (clone3(2) with CLONE_INTO_CGROUP, kernel
    /// 5.7): moving it afterwards would make the whole machine's forks wait.
    ///
    /// nil where the kernel, or the filter of a surrounding container, does not have that.
    package static func fork(into cgroup: borrowing Cgroup) throws(SystemError) -> Fork? {
        let (number, path) = (cgroup.directory.number, cgroup.path)
        do {
            let pid = try check("start a process in the cgroup", path) { cl_fork_into_cgroup(number) }
            return pid == 0 ? .child : .parent(of: pid)
        } catch  where [ENOSYS, E2BIG, EINVAL, EPERM].contains(error.errno) {
            return nil
        }
    }

    /// The same, with a child that is this process's sibling: who waits for this process waits for it, too.
    package static func forkSibling() throws(SystemError) -> Fork {
        let pid = try check("start a process") { cl_fork_sibling() }
        return pid == 0 ? .child : .parent(of: pid)
    }

    package enum Fork: Equatable {
        case child
        case parent(of: Int32)
    }

    /// How many threads this process has, by /proc/self/status.
    package static func threadCount() throws(SystemError) -> Int {
        let status = try Files.open("/proc/self/status", O_RDONLY)
        let text = String(decoding: try Files.readAll(status.number), as: UTF8.self)
        for line in text.split(separator: "\n") where line.hasPrefix("Threads:") {
            return Int(line.dropFirst("Threads:".count).filter { $0.isNumber }) ?? 0
        }
        return 0
    }

    /// A child that has ended, or nil when none has; ECHILD when there is no child at all. The usage is its own and that
    /// of all that it, and they, have waited for; what a pid namespace's first process left alive is among these,
    /// because the kernel waits for it in its name.
    package static func reap() throws(SystemError) -> (pid: Int32, end: Termination, usage: ProcessUsage)? {
        var status: Int32 = 0
        var usage = cl_usage()
        let pid = try check("wait for a process") { cl_reap(&status, &usage) }
        return pid == 0 ? nil : (pid, Termination(status: status), ProcessUsage(usage))
    }

    /// Waits for one child to end.
    @discardableResult
    package static func wait(for pid: Int32) throws(SystemError) -> Termination {
        var status: Int32 = 0
        try check("wait for process", "\(pid)") { waitpid(pid, &status, 0) }
        return Termination(status: status)
    }

    /// Another process's descriptor as one of our own (pidfd_getfd(2), kernel 5.6): what it names is the same, whatever
    /// the process does with its number meanwhile. EPERM for a process that this one may not trace.
    package static func descriptor(_ number: Int32, of process: Int32) throws(SystemError) -> OwnedDescriptor {
        let opened = OwnedDescriptor(owning: try check("open process", "\(process)") { cl_pidfd_open(process) })
        return OwnedDescriptor(
            owning: try check("get a descriptor of process", "\(process)") { cl_pidfd_getfd(opened.number, number) })
    }

    /// Memory of another process's (process_vm_readv(2)), as much of it as there is in one piece.
    package static func memory(of process: Int32, at address: UInt64, _ count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try check("read the memory of process", "\(process)") {
            cl_read_memory(process, address, &bytes, count)
        }
        return Array(bytes[..<read])
    }

    /// Whether everything above `last` could be closed (close_range(2), kernel 5.9).
    package static func closeDescriptors(above last: Int32) throws(SystemError) {
        try check("close the inherited descriptors") { cl_close_range(UInt32(last + 1), UInt32.max) }
    }

    /// Closes everything but the standard streams and `kept`.
    package static func closeDescriptors(besides kept: [Int32]) throws(SystemError) {
        var next: Int32 = 3
        for number in Set(kept).sorted() where number >= next {
            let (first, last) = (UInt32(next), UInt32(number))
            if first < last {
                try check("close the inherited descriptors") { cl_close_range(first, last - 1) }
            }
            next = number + 1
        }
        try closeDescriptors(above: next - 1)
    }

    /// What prctl(2) can set of this process, as far as we do.
    package enum Option: Int32 {
        case parentDeathSignal = 1
        case dumpable = 4
        case noNewPrivileges = 38
        case childSubreaper = 36
        case coreScheduling = 62
    }

    package static func set(
        _ option: Option, _ value: UInt, _ second: UInt = 0, _ third: UInt = 0
    ) throws(SystemError) {
        try check("set the process option \(option)") { cl_prctl(option.rawValue, value, second, third, 0) }
    }
}

/// How a process ended (wait(2)).
package enum Termination: Sendable, Equatable {
    case exited(code: Int32)
    case signaled(number: Int32)

    init(status: Int32) {
        self =
            cl_wait_signaled(status) != 0
            ? .signaled(number: cl_wait_signal(status)) : .exited(code: cl_wait_exit_code(status))
    }
}

/// dup3(2): `descriptor` under another number as well, which the execution of a program closes.
package func duplicate(_ descriptor: Int32, closingOnExecution number: Int32) -> Int32 {
    cl_dup3(descriptor, number)
}

/// Becoming someone else, for good.
package enum Credentials {
    /// Takes a user's identity: groups first, because without the uid's privilege they cannot be changed any more.
    package static func become(uid: UInt32, gid: UInt32, groups: [UInt32]) throws(SystemError) {
        try setGroups(groups)
        try check("take the group", "\(gid)") { cl_setresgid(gid) }
        try check("take the user", "\(uid)") { cl_setresuid(uid) }
    }
}

extension Credentials {
    package static func setGroups(_ groups: [UInt32]) throws(SystemError) {
        try check("take the supplementary groups") { cl_setgroups(groups.count, groups) }
    }
}

/// setrlimit(2) by the names of prlimit(1).
package enum ResourceLimits {
    package static let resources: [String: Int32] = [
        "as": 9, "core": 4, "cpu": 0, "data": 2, "fsize": 1, "locks": 10, "memlock": 8, "msgqueue": 12, "nice": 13,
        "nofile": 7, "nproc": 6, "rss": 5, "rtprio": 14, "rttime": 15, "sigpending": 11, "stack": 3,
    ]

    /// The most that this process may set without privilege (setrlimit(2)).
    package static func ceiling(of resource: String) throws(SystemError) -> UInt64 {
        try present(resource).hard
    }

    /// What is in force for this process.
    package static func present(_ resource: String) throws(SystemError) -> (soft: UInt64, hard: UInt64) {
        guard let number = resources[resource] else {
            throw SystemError("find the resource limit", resource, errno: EINVAL)
        }
        var present = rlimit()
        try check("read the resource limit", resource) { getrlimit(__rlimit_resource_t(UInt32(number)), &present) }
        return (UInt64(present.rlim_cur), UInt64(present.rlim_max))
    }

    /// The same limit, soft and hard, for another process. That it has ended already is as good.
    package static func set(_ resource: String, _ limit: UInt64, of process: Int32) throws(SystemError) {
        guard let number = resources[resource] else {
            throw SystemError("set the resource limit", resource, errno: EINVAL)
        }
        do {
            try check("set the resource limit", resource) { cl_limit_process(process, number, limit) }
        } catch  where error.errno == ESRCH {}
    }

    /// nil is no limit. Fails with EINVAL for a name that is not in `resources`.
    package static func set(_ resource: String, soft: UInt64?, hard: UInt64?) throws(SystemError) {
        guard let number = resources[resource] else {
            throw SystemError("set the resource limit", resource, errno: EINVAL)
        }
        try check("set the resource limit", resource) { cl_setrlimit(number, soft ?? .max, hard ?? .max) }
    }
}
