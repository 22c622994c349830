// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux
import OutputLog
import ShimProtocol

/// `jail shim`: the keeper of one agent. It outlives the daemon that started it, so it depends on nothing of it but
/// the descriptors that it was given (`ShimLayout`).
enum Shim {
    private static let defaultRing: UInt64 = 64 << 20

    static func run(_ arguments: [String]) -> Int32 {
        guard let options = Options(arguments) else {
            return Command.fail("shim takes --ring BYTES, --offset BYTES and --attempt NUMBER, and nothing else")
        }
        do {
            // Nothing ends the shim but the end of its agent; a shutdown's SIGTERM goes to the agent.
            let signals = try SignalReader([SIGCHLD, SIGTERM, SIGINT, SIGHUP])
            for number in ShimLayout.planDescriptor...ShimLayout.socketDescriptor {
                try check("mark descriptor \(number), which the daemon has to hand over") {
                    fcntl(number, F_SETFD, FD_CLOEXEC)
                }
            }
            let directory = OwnedDescriptor(owning: ShimLayout.directoryDescriptor)
            let listener = OwnedDescriptor(owning: ShimLayout.socketDescriptor)
            try listener.setNonBlocking()
            let output = try Files.open(ShimLayout.output, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, at: directory.number)
            let log = try OutputLogWriter(directory: output.number, ringSize: options.ring, end: options.offset)
            var keeper = ShimKeeper(
                directory: directory, listener: listener, signals: signals, log: log, attempt: options.attempt)
            do throws(JailFailure) {
                try keeper.start(readPlan())
                try confine(directory: keeper.directory.number)
            } catch {
                keeper.startFailed(error)
            }
            try keeper.run()
            return 0
        } catch {
            return Command.fail("shim: \(error)")
        }
    }

    private struct Options {
        var ring = defaultRing
        /// Where the output of an agent that has run before goes on.
        var offset: UInt64 = 0
        var attempt = 1

        init?(_ arguments: [String]) {
            var rest = arguments[...]
            while let name = rest.popFirst() {
                guard let text = rest.popFirst(), let number = UInt64(text) else { return nil }
                switch name {
                case "--ring": ring = number
                case "--offset": offset = number
                case "--attempt": attempt = Int(clamping: number)
                default: return nil
                }
            }
        }
    }

    private static func readPlan() throws(JailFailure) -> JailPlan {
        let file = OwnedDescriptor(owning: ShimLayout.planDescriptor)
        let bytes = try stage("plan") { () throws(SystemError) in try Files.readAll(file.number) }
        return try JailPlan(json: bytes)
    }

    /// The shim reads what an agent writes, so it keeps nothing that it does not need once the jail is under way: no
    /// capability, no file but its agent's state, and the system calls of its loop.
    private static func confine(directory: Int32) throws(JailFailure) {
        try stage("shim.privileges") { () throws(SystemError) in
            try Privileges.giveUp()
            try Processes.set(.dumpable, 0)
            _ = try Landlock.confineFiles(toBelow: [directory])
        }
        // Refused calls fail rather than kill: whatever a later C library calls, the agent's keeper goes on.
        try SystemCallFilter.allowOnly(systemCalls)
    }

    private static let systemCalls = [
        "accept4", "arch_prctl", "brk", "clock_gettime", "close", "exit", "exit_group", "fcntl", "fdatasync", "fstat",
        "fsync", "ftruncate", "futex", "getpid", "getrandom", "gettimeofday", "ioctl", "kill", "lseek", "madvise",
        "mmap", "mprotect", "mremap", "munmap", "newfstatat", "openat", "poll", "ppoll", "pread64", "pwrite64", "read",
        "readv", "recvmsg", "renameat", "renameat2", "restart_syscall", "rt_sigaction", "rt_sigprocmask",
        "rt_sigreturn", "sendmsg", "sendto", "shutdown", "sched_yield", "timerfd_settime", "unlinkat", "wait4",
        "waitid", "write",
        "writev",
    ]
}
