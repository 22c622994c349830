// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import NIOCore
import NIOPosix

extension SupervisorClient {
    /// Connects to the daemon that listens at `path`. The path may be longer than the 107 bytes that a socket address
    /// holds.
    package static func connect(path: String) async throws(ClientError) -> SupervisorClient {
        var attempts = 0
        while true {
            do {
                return try await connectOnce(path: path)
            } catch let error as IOError where error.errnoCode == EAGAIN && attempts < 100 {
                // The listener's backlog is full: for Unix sockets the kernel says so instead of letting us wait.
                attempts += 1
                try? await Task.sleep(for: .milliseconds(50))
            } catch {
                throw explain(error, path: path)
            }
        }
    }

    private static func connectOnce(path: String) async throws -> SupervisorClient {
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: false)
        func connected(to address: String) async throws -> SupervisorClient {
            try await bootstrap.connect(to: try SocketAddress(unixDomainSocketPath: address)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = Connection(eventLoop: channel.eventLoop)
                    try channel.pipeline.syncOperations.addHandler(connection)
                    return SupervisorClient(channel: channel, connection: connection)
                }
            }
        }
        // NIO takes 103 bytes at most, as other systems do.
        guard path.utf8.count > 103 else { return try await connected(to: path) }
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { path[...$0] } ?? "."
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        let parent = try SearchableDirectory(path: String(directory))
        let client = try await connected(to: "\(parent.path)/\(name)")
        parent.close()
        return client
    }

    private static func explain(_ error: any Error, path: String) -> ClientError {
        guard let error = error as? IOError else {
            return ClientError(.unreachable, "cannot connect to \(path): \(error)")
        }
        let reason = String(cString: strerror(error.errnoCode))
        switch error.errnoCode {
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
        default:
            return ClientError(.unreachable, "cannot connect to \(path): \(reason)")
        }
    }
}

/// A directory held open for as long as a path through `/proc/self/fd` leads into it.
private struct SearchableDirectory: ~Copyable {
    private let descriptor: Int32

    init(path: String) throws {
        // O_PATH asks for no more than the right to search, as connecting to the full path would. Its value is that of
        // every architecture but alpha, parisc and sparc; glibc hides it behind _GNU_SOURCE.
        let pathOnly: Int32 = 0o10_000_000
        descriptor = open(path, pathOnly | O_DIRECTORY | O_CLOEXEC)
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
