// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import NIOCore

/// Finds out who is at the other end of a connection, from the kernel, and refuses whom it must.
struct PeerCheck: Sendable {
    let settings: Settings

    /// - Parameter jails: see `PeerAncestry`; asked for after the connection was made, so that it knows of every jail
    ///   that the peer could be in.
    func peer(of channel: any Channel, jails: Set<Int32>) async throws -> Peer {
        guard let options = channel as? any SocketOptionProvider else {
            throw ProtocolError.permissionDenied("the connection does not say who is at its other end")
        }
        let credentials: Credentials = try await options.unsafeGetSocketOption(
            level: .socket, name: .init(rawValue: SO_PEERCRED)
        ).get()
        let process = try await Self.process(options)
        if settings.mode == .user, credentials.uid != settings.uid, credentials.uid != 0 {
            throw ProtocolError.permissionDenied("this is the daemon of the user with the number \(settings.uid) alone")
        }
        if credentials.pid != getpid() {
            switch PeerAncestry(stat: ProcessStat.read).verdict(on: credentials.pid, jails: jails) {
            case .outside: break
            case .jailed: throw ProtocolError.permissionDenied("a process in a jail may not drive its supervisor")
            case .unknown:
                throw ProtocolError.permissionDenied(
                    "the process \(credentials.pid) at the other end is gone or cannot be looked at")
            }
        }
        let executable = Files.linkTarget("/proc/\(credentials.pid)/exe")
        // Still alive: so all that was read was read of it, and not of another that was given its pid.
        if let process, process.hasEnded {
            throw ProtocolError.permissionDenied("the process \(credentials.pid) at the other end has ended")
        }
        return Peer(
            identity: PeerIdentity(
                uid: credentials.uid, gid: credentials.gid, pid: credentials.pid, executable: executable),
            isAdministrator: credentials.uid == 0 || credentials.uid == settings.uid)
    }

    /// The peer as it was when it connected; nil before kernel 6.5, which has no SO_PEERPIDFD.
    private static func process(_ options: any SocketOptionProvider) async throws -> PeerProcess? {
        do {
            let descriptor: Int32 = try await options.unsafeGetSocketOption(
                level: .socket, name: .init(rawValue: 77)
            ).get()
            return PeerProcess(pidfd: OwnedDescriptor(owning: descriptor))
        } catch let error as IOError where error.errnoCode == ENOPROTOOPT {
            return nil
        } catch {
            throw ProtocolError.permissionDenied("the process at the other end has ended")
        }
    }

    /// struct ucred, which <sys/socket.h> shows only with _GNU_SOURCE (unix(7)).
    private struct Credentials {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
    }
}

/// A process by a descriptor of it, which never comes to mean another.
private final class PeerProcess: Sendable {
    private let pidfd: OwnedDescriptor

    init(pidfd: consuming OwnedDescriptor) {
        self.pidfd = pidfd
    }

    var hasEnded: Bool {
        var entry = pollfd(fd: pidfd.number, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) != 0
    }
}
