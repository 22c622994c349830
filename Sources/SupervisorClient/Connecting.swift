// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import NIOCore
import NIOPosix

extension SupervisorClient {
    /// Connects to the daemon that listens at `path`. The path may be longer than the 107 bytes that a socket address
    /// holds.
    public static func connect(path: String) async throws(ClientError) -> SupervisorClient {
        let socket = try DaemonSocket.open(path)
        do {
            return try await client(over: socket)
        } catch {
            throw ClientError(.unreachable, "cannot connect to \(path): \(error)")
        }
    }

    /// Takes over a connected socket.
    static func client(over socket: Int32) async throws -> SupervisorClient {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: false)
            .withConnectedSocket(socket) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = Connection(eventLoop: channel.eventLoop)
                    try channel.pipeline.syncOperations.addHandler(connection)
                    return SupervisorClient(channel: channel, connection: connection)
                }
            }
    }
}

/// A daemon's socket, as a descriptor.
public enum DaemonSocket {
    /// How long a daemon that takes no connections is waited for, in seconds.
    private static let patience = 10

    /// A connected stream socket, which is the caller's to close.
    public static func open(_ path: String) throws(ClientError) -> Int32 {
        let slash = path.lastIndex(of: "/")
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        do {
            let parent = try SearchableDirectory(path: slash.map { String(path[...$0]) } ?? ".")
            // Held until then.
            let socket = try connect("\(parent.path)/\(name)")
            parent.close()
            return socket
        } catch {
            throw explain(error.errnoCode, path: path)
        }
    }

    private static func connect(_ path: String) throws(IOError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw IOError(errnoCode: ENAMETOOLONG, reason: "connect")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        // Connecting waits as long when the daemon's queue of connections is full (unix(7)).
        var wait = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(number, $0, length) }
        }
        guard result == 0 else {
            let code = errno
            close(number)
            throw IOError(errnoCode: code, reason: "connect")
        }
        wait = timeval()
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        return number
    }

    private static func explain(_ code: Int32, path: String) -> ClientError {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOENT, ECONNREFUSED, ENOTDIR:
            return ClientError(
                .noDaemon,
                "no daemon listens at \(path) (\(reason)); start it with \"systemctl start agent-supervisor\" or "
                    + "\"supervisord --user\", or name its socket with --socket or AGENT_SUPERVISOR_SOCKET")
        case EACCES, EPERM:
            return ClientError(
                .notPermitted,
                "cannot connect to \(path): \(reason); the socket belongs to its daemon's users: ask the operator to add you"
            )
        case EAGAIN:
            return ClientError(
                .unreachable,
                "the daemon at \(path) has taken no connection for \(patience) seconds; it is overloaded, or hangs")
        default:
            return ClientError(.unreachable, "cannot connect to \(path): \(reason)")
        }
    }
}

/// A directory held open for as long as a path through `/proc/self/fd` leads into it.
private struct SearchableDirectory: ~Copyable {
    private let descriptor: Int32

    init(path: String) throws(IOError) {
        // O_PATH asks for no more than the right to search, as connecting to the full path would. Its value is that of
        // every architecture but alpha, parisc and sparc; glibc hides it behind _GNU_SOURCE.
        let pathOnly: Int32 = 0o10_000_000
        descriptor = Glibc.open(path, pathOnly | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw IOError(errnoCode: errno, reason: "open") }
    }

    var path: String { "/proc/self/fd/\(descriptor)" }

    consuming func close() {
        _ = Glibc.close(descriptor)
        discard self
    }

    deinit {
        _ = Glibc.close(descriptor)
    }
}
