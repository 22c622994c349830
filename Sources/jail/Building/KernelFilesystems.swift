// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// `/proc` and `/dev`, which every jail has and no profile has to ask for.
extension RootFilesystem {
    mutating func placeKernelFilesystems() throws(JailFailure) {
        try stage("mount.dev") { () throws(SystemError) in try placeDevices() }
        try stage("mount.proc") { () throws(SystemError) in try placeProcesses() }
    }

    /// The devices that programs take for granted, borrowed from the host, since nobody may make device nodes in a user
    /// namespace; terminals of the jail's own.
    private mutating func placeDevices() throws(SystemError) {
        let own = plan.hasRoot ? try ownDirectoryOfDevices() : nil
        for name in ["null", "zero", "full", "random", "urandom", "tty"] {
            let device = try Mount(copyOf: "/dev/" + name)
            // Read-only is about the node's owner and mode, which are the host's; the device can be written all the same.
            try device.restrict([.readOnly, .noSetUserID, .noExecute], withAllBelow: true)
            try device.attach(to: target("/dev/" + name, as: .file))
        }
        let terminals = try Mount(
            // There are so many for the whole machine (/proc/sys/kernel/pty).
            newFileSystem: "devpts", options: ["mode": "0620", "ptmxmode": "0666", "max": "256"],
            attributes: [.noSetUserID, .noExecute])
        try terminals.attach(to: target("/dev/pts", as: .directory))
        let shared = try Mount(
            newFileSystem: "tmpfs", options: ["mode": "1777", "size": sharedMemorySize, "nr_inodes": "65536"],
            attributes: [.noSetUserID, .noDevices, .noExecute])
        try shared.attach(to: target("/dev/shm", as: .directory))
        try placeMessageQueues()
        let links = [
            ("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
            ("stderr", "/proc/self/fd/2"),
        ]
        let devices = try target("/dev", as: .directory)
        for (name, destination) in links {
            try check("create the link", "/dev/" + name) { symlinkat(destination, devices.number, name) }
        }
        if let own { try Mount(owning: own).restrict(.readOnly, withAllBelow: false) }
    }

    /// In a root of the plan's own, which stays writable and may have a /dev.
    private mutating func ownDirectoryOfDevices() throws(SystemError) -> OwnedDescriptor {
        let memory = try Mount(
            newFileSystem: "tmpfs", options: ["size": "64k", "mode": "0755"],
            attributes: [.noSetUserID, .noDevices, .noExecute])
        try memory.attach(to: target("/dev", as: .directory))
        ours.append(try Files.status(memory.descriptor.number).st_dev)
        return memory.release()
    }

    /// The names of the jail's POSIX message queues (mq_overview(7)). A kernel without these has none to show.
    private func placeMessageQueues() throws(SystemError) {
        do {
            let queues = try Mount(newFileSystem: "mqueue", attributes: [.noSetUserID, .noDevices, .noExecute])
            try queues.attach(to: target("/dev/mqueue", as: .directory))
        } catch  where error.errno == ENODEV {}
    }

    /// Half of what the jail may use, as the kernel's own default is half of what the machine has.
    private var sharedMemorySize: String { "\(memorySize(max((plan.resources.memory ?? .max) / 2, 1 << 20)))" }

    /// A /proc that shows the jail's processes only, without the handles on the whole machine.
    ///
    /// For an owner who is root these covers are what matters: /proc/sys lets the global root write whatever his
    /// capabilities, and `kernel.core_pattern` would run a program outside (proc_sys_permission in fs/proc).
    private mutating func placeProcesses() throws(SystemError) {
        // Only what the agent could trace is there at all, and the jail's first process is not: it cannot be asked what
        // it has open. `invisible` would make an exception for group 0, which owners can be in. Kernel 5.8.
        let processes = try Mount(
            newFileSystem: "proc", options: ["hidepid": "ptraceable"],
            attributes: [.noSetUserID, .noDevices, .noExecute])
        // No further user namespace below this jail's, not even for whoever gets past the system call filter.
        let maximum = try Files.open(
            "sys/user/max_user_namespaces", O_WRONLY, at: processes.descriptor.number)
        try Files.write([UInt8(ascii: "0")], to: maximum.number)

        try processes.attach(to: target("/proc", as: .directory))
        for name in try changeable(in: processes.descriptor.number) {
            guard let existing = try existing(name, in: processes.descriptor.number) else { continue }
            let copy = try Mount(copyOf: existing)
            try copy.restrict([.readOnly], withAllBelow: true)
            try copy.attach(to: existing)
        }
        // What runc and podman cover, and what tells of the kernel's insides.
        try cover(
            [
                "acpi", "asound", "config.gz", "driver", "interrupts", "kallsyms", "kcore", "keys", "kmsg",
                "kpagecgroup",
                "kpagecount", "kpageflags", "latency_stats", "modules", "mtrr", "pagetypeinfo", "sched_debug", "scsi",
                "slabinfo", "timer_list",
                "timer_stats", "vmallocinfo",
            ], in: processes.descriptor.number)
    }

    /// What of /proc the agent may be able to change: for an owner who is root everything but its processes' own, of
    /// whatever name in this kernel; of anybody else's agent the modes keep it from most.
    private func changeable(in processes: Int32) throws(SystemError) -> [String] {
        guard (plan.identity.outside?.uid ?? plan.identity.uid) == 0 else {
            return ["bus", "fs", "irq", "sys", "sysrq-trigger"]
        }
        return try Files.names(in: ".", at: processes).filter { name in
            guard name.utf8.first.map({ (0x30...0x39).contains($0) }) == false else { return false }
            var status = stat()
            guard fstatat(processes, name, &status, Int32(AT_SYMLINK_NOFOLLOW)) == 0 else { return false }
            return status.isDirectory || (status.isRegular && status.st_mode & 0o222 != 0)
        }
    }

    /// Covers what there is of `names` in a directory.
    mutating func cover(_ names: [String], in directory: Int32) throws(SystemError) {
        for name in names {
            guard let existing = try existing(name, in: directory) else { continue }
            try cover(existing)
        }
    }

    private func existing(_ name: String, in directory: Int32) throws(SystemError) -> OwnedDescriptor? {
        do {
            return try Files.open(name, cl_O_PATH | O_NOFOLLOW, at: directory)
        } catch  where error.errno == ENOENT {
            return nil
        }
    }
}
