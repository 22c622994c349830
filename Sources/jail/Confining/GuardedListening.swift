// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// listen(2) where TCP ports are restricted.
///
/// Landlock sees bind(2) only, and a socket that listens without having been bound is given a port that nobody allowed
/// (inet_csk_listen_start in net/ipv4/inet_connection_sock.c). So the jail's first process makes the call, on its own
/// hold of the socket, once it has seen the socket's port: what it looked at is what listens.
struct GuardedListening {
    /// Among them 0 for whichever the kernel gives; nil is any.
    let ports: [UInt16]?

    /// Makes the call for a thread of `process`; returns the errno that it failed with, 0 for none, and nil when it was
    /// made and must not have been: between the two looks at the port somebody has changed it on purpose.
    func listen(for waiting: Seccomp.WaitingCall, of process: Int32) -> Int32? {
        let descriptor = Int32(truncatingIfNeeded: waiting.call.args.0)
        let backlog = Int32(truncatingIfNeeded: waiting.call.args.1)
        do {
            let held = try Processes.descriptor(descriptor, of: process)
            guard isAllowed(held.number) else { return EACCES }
            try check("listen") { Glibc.listen(held.number, backlog) }
            // Meanwhile connect(2) to nowhere may have taken its port away again. By now there can be connections.
            return isAllowed(held.number) ? 0 : nil
        } catch {
            // One that may not be looked into (ptrace(2)) may not have it done for it.
            return error.errno == EPERM ? EACCES : error.errno
        }
    }

    private func isAllowed(_ socket: Int32) -> Bool {
        guard let ports, let domain = option(SO_DOMAIN, of: socket), [AF_INET, AF_INET6].contains(domain),
            option(SO_PROTOCOL, of: socket) == Int32(IPPROTO_TCP)
        else { return true }
        return ports.contains(0) || ports.contains(port(of: socket))
    }

    private func option(_ name: Int32, of socket: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    /// 0 for one that has none. IPv4 and IPv6 addresses have it in the same place.
    private func port(of socket: Int32) -> UInt16 {
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        } == 0 ? UInt16(bigEndian: address.sin6_port) : 0
    }
}
