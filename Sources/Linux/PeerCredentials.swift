// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Who connected a Unix-domain socket, as it was then: the kernel's word (unix(7)).
package struct PeerCredentials: Sendable {
    package let pid: Int32
    package let uid: UInt32
    package let gid: UInt32
    /// Supplementary groups.
    package let groups: [UInt32]
    /// The process itself; nil before kernel 6.5, which has no SO_PEERPIDFD.
    package let process: PeerProcess?

    /// - Throws: ESRCH and the like when the process has ended, and been forgotten, already.
    package init(of socket: Int32) throws(SystemError) {
        var credentials = Credentials()
        var length = socklen_t(MemoryLayout<Credentials>.size)
        try check("ask who is at the other end") {
            getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
        }
        (pid, uid, gid) = (credentials.pid, credentials.uid, credentials.gid)
        groups = try Self.groups(socket)
        process = try Self.process(socket)
    }

    /// struct ucred, which <sys/socket.h> shows only with _GNU_SOURCE.
    private struct Credentials {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
    }

    /// SO_PEERGROUPS, kernel 4.13.
    private static func groups(_ socket: Int32) throws(SystemError) -> [UInt32] {
        // NGROUPS_MAX: nobody has more.
        var groups = [UInt32](repeating: 0, count: 65536)
        var length = socklen_t(groups.count * MemoryLayout<UInt32>.size)
        try check("ask for the groups of the other end") { getsockopt(socket, SOL_SOCKET, 59, &groups, &length) }
        return Array(groups.prefix(Int(length) / MemoryLayout<UInt32>.size))
    }

    private static func process(_ socket: Int32) throws(SystemError) -> PeerProcess? {
        var descriptor: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        do {
            // SO_PEERPIDFD
            try check("ask for the process at the other end") {
                getsockopt(socket, SOL_SOCKET, 77, &descriptor, &length)
            }
        } catch  where error.errno == ENOPROTOOPT {
            return nil
        }
        return PeerProcess(pidfd: OwnedDescriptor(owning: descriptor))
    }
}

/// A process by a descriptor of it, which never comes to mean another.
package final class PeerProcess: Sendable {
    private let pidfd: OwnedDescriptor

    fileprivate init(pidfd: consuming OwnedDescriptor) {
        self.pidfd = pidfd
    }

    package var hasEnded: Bool {
        var entry = pollfd(fd: pidfd.number, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) != 0
    }
}
