// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import NIOCore

/// Finds out who is at the other end of a connection, from the kernel, and refuses whom it must.
struct PeerCheck: Sendable {
    let supervisor: Supervisor

    private var settings: Settings { supervisor.settings }

    /// - Parameter isReadOnly: the connection came in on the socket on which nothing can be changed.
    func peer(of channel: any Channel, isReadOnly: Bool) async throws -> Peer {
        let credentials = try await Self.credentials(channel)
        if settings.mode == .user, credentials.uid != settings.uid, credentials.uid != 0 {
            throw ProtocolError.permissionDenied("this is the daemon of the user with the number \(settings.uid) alone")
        }
        try await refuseJailed(credentials.pid)
        let executable = Files.linkTarget("/proc/\(credentials.pid)/exe")
        // Still alive: so all that was read was read of it, and not of another that was given its pid.
        if let process = credentials.process, process.hasEnded {
            throw ProtocolError.permissionDenied("the process \(credentials.pid) at the other end has ended")
        }
        let identity = PeerIdentity(
            uid: credentials.uid, gid: credentials.gid, pid: credentials.pid, executable: executable)
        let groups = Set(credentials.groups + [credentials.gid])
        let grant = try await supervisor.grant(to: credentials.uid, groups: groups)
        return Peer(identity: identity, groups: groups, grant: isReadOnly ? grant.readOnly : grant)
    }

    /// Fails with `permission_denied` when the peer's rights are others by now.
    func requireUnchanged(_ peer: Peer, isReadOnly: Bool) async throws {
        let grant = try await supervisor.grant(to: peer.identity.uid, groups: peer.groups)
        guard (isReadOnly ? grant.readOnly : grant) == peer.grant else {
            throw ProtocolError.permissionDenied("the configuration of who may do what has changed; connect again")
        }
    }

    private static func credentials(_ channel: any Channel) async throws -> PeerCredentials {
        do {
            let credentials: PeerCredentials? = try await channel.eventLoop.submit {
                try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable { (socket: NIOBSDSocket.Handle) in
                    try PeerCredentials(of: socket)
                }
            }.get()
            if let credentials { return credentials }
        } catch is SystemError {
            throw ProtocolError.permissionDenied("the process at the other end has ended")
        }
        throw ProtocolError.permissionDenied("the connection does not say who is at its other end")
    }

    private func refuseJailed(_ pid: Int32) async throws {
        if pid == getpid() { return }
        // Asked for now that the connection is made, so that every jail is known in which the peer could be.
        switch PeerAncestry(stat: ProcessStat.read).verdict(on: pid, jails: await supervisor.jails()) {
        case .outside: break
        case .jailed: throw ProtocolError.permissionDenied("a process in a jail may not drive its supervisor")
        case .unknown:
            throw ProtocolError.permissionDenied("the process \(pid) at the other end is gone or cannot be looked at")
        }
    }
}
