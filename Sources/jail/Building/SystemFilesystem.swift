// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// `/sys`, for jails that ask for it: what there is of devices, for programs that look before they run.
extension RootFilesystem {
    /// The handles on the whole machine, and what tells how to get at it. More than runc and podman cover.
    private static let covered = [
        "class/powercap", "devices/virtual/powercap", "firmware", "fs/bpf", "fs/cgroup", "fs/fuse/connections",
        "fs/pstore", "fs/selinux", "fs/smackfs", "hypervisor", "kernel/btf", "kernel/config", "kernel/debug",
        "kernel/kexec_crash_loaded", "kernel/livepatch", "kernel/notes", "kernel/security", "kernel/slab",
        "kernel/tracing", "kernel/vmcoreinfo", "module", "power",
    ]

    /// A fresh one shows the network devices of the jail's own network. Where the network is the host's only the host
    /// may mount one (sysfs_init_fs_context), and likewise where parts of the host's are covered: then it is the
    /// host's, with all that is mounted below it.
    mutating func placeSystem(at path: String) throws(SystemError) {
        let system = try system()
        let root = try system.descriptor.duplicate()
        try system.attach(to: target(path, as: .directory))
        try cover(RootFilesystem.covered, in: root.number)
        // How often a processor ran hot tells what others compute on it.
        for processor in try Files.names(in: "devices/system/cpu", at: root.number) where processor.hasPrefix("cpu") {
            try cover(["devices/system/cpu/\(processor)/thermal_throttle"], in: root.number)
        }
    }

    private func system() throws(SystemError) -> Mount {
        let attributes: Mount.Attributes = [.readOnly, .noSetUserID, .noDevices, .noExecute]
        if plan.network == .none {
            do {
                return try Mount(newFileSystem: "sysfs", attributes: attributes)
            } catch  where error.errno == EPERM {}
        }
        let hosts = try Mount(copyOf: "/sys")
        try hosts.restrict(attributes, withAllBelow: true)
        return hosts
    }
}
