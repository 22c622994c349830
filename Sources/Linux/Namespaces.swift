// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// namespaces(7), as a set to leave the present ones with.
package struct Namespaces: OptionSet, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let user = Namespaces(rawValue: Int32(CL_CLONE_NEWUSER))
    package static let mount = Namespaces(rawValue: Int32(CL_CLONE_NEWNS))
    /// Takes effect for the next child, which becomes the first process of the new namespace.
    package static let pid = Namespaces(rawValue: Int32(CL_CLONE_NEWPID))
    package static let network = Namespaces(rawValue: Int32(CL_CLONE_NEWNET))
    package static let ipc = Namespaces(rawValue: Int32(CL_CLONE_NEWIPC))
    package static let uts = Namespaces(rawValue: Int32(CL_CLONE_NEWUTS))
    package static let cgroup = Namespaces(rawValue: Int32(CL_CLONE_NEWCGROUP))

    /// Takes effect for the next child (kernel 5.6); until then its clocks can be set.
    package static let time = Namespaces(rawValue: Int32(CL_CLONE_NEWTIME))

    /// Leaves the present namespaces for new ones. Needs a single-threaded process for `user` (unshare(2)).
    package func unshare() throws(SystemError) {
        try check("create namespaces") { cl_unshare(rawValue) }
    }

    /// Maps one user and one group of the calling process's new namespace to those that the process has outside.
    ///
    /// setgroups(2) has to be given up first, or an owner could drop a group that a file's mode uses to keep people
    /// out (user_namespaces(7), CVE-2014-8989).
    package static func mapIdentity(
        inside: (uid: UInt32, gid: UInt32), outside: (uid: UInt32, gid: UInt32)
    ) throws(SystemError) {
        for (file, content) in [
            ("setgroups", "deny"), ("uid_map", "\(inside.uid) \(outside.uid) 1"),
            ("gid_map", "\(inside.gid) \(outside.gid) 1"),
        ] {
            let map = try Files.open("/proc/self/\(file)", O_WRONLY)
            try Files.write(Array(content.utf8), to: map.number)
        }
    }

    /// Sets the clocks of the calling process's new time namespace, in seconds ahead of the present one's
    /// (time_namespaces(7)). Only as long as no process has entered it.
    package static func setClocks(monotonic: Int64, boot: Int64) throws(SystemError) {
        let offsets = try Files.open("/proc/self/timens_offsets", O_WRONLY)
        try Files.write(Array("monotonic \(monotonic) 0\nboottime \(boot) 0\n".utf8), to: offsets.number)
    }

    /// Brings loopback up in the calling process's network namespace.
    package static func raiseLoopback() throws(SystemError) {
        try check("bring up the interface", "lo") { cl_interface_up("lo") }
    }

    package static func setHostname(_ name: String) throws(SystemError) {
        try check("set the host name", name) { sethostname(name, name.utf8.count) }
    }
}
