// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Accepts clients on the control socket.
final class Listener: Sendable {
    private typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Connections at a time, over which new ones are refused.
    static let maximumConnections = 512

    private let server: NIOAsyncChannel<Client, Never>
    private let supervisor: Supervisor
    private let logger: Logger
    private let connections = Mutex<[ObjectIdentifier: Connection]>([:])

    /// Takes over a listening socket.
    init(owning socket: Int32, _ supervisor: Supervisor, _ group: any EventLoopGroup, _ logger: Logger) async throws {
        self.supervisor = supervisor
        self.logger = logger
        server = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 128)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(socket) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
            }
    }

    var count: Int { connections.withLock { $0.count } }

    /// Serves clients until the task is cancelled. Fails when no more can be accepted.
    func run() async throws {
        try await server.executeThenClose { clients in
            // Discarding, since the clients of a year would otherwise leave a result each; and what fails in one
            // connection is its own affair, so none throws.
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients {
                    group.addTask { await self.serve(client) }
                }
                group.cancelAll()
            }
        }
    }

    private func serve(_ client: Client) async {
        do {
            try await client.executeThenClose { inbound, outbound in
                do {
                    let peer = try await PeerCheck(settings: supervisor.settings).peer(
                        of: client.channel, jails: supervisor.jails())
                    let connection = Connection(peer: peer, listener: self, supervisor: supervisor, logger: logger)
                    let key = ObjectIdentifier(client.channel)
                    guard add(connection, key) else {
                        throw ProtocolError.limitReached(
                            "connections", "the daemon has \(Self.maximumConnections) connections, as many as it takes")
                    }
                    supervisor.socketCounts.accepted()
                    defer { connections.withLock { _ = $0.removeValue(forKey: key) } }
                    await connection.serve(client.channel, inbound, outbound)
                } catch let refusal as ProtocolError {
                    supervisor.socketCounts.refused()
                    logger.notice("a connection is refused: \(refusal)")
                    try await outbound.write(ByteBuffer(bytes: DaemonLine.error(refusal, to: nil)))
                    Connection.leave(client.channel)
                    for try await _ in inbound {}
                }
            }
        } catch {
            logger.debug("a connection broke: \(error)")
        }
    }

    private func add(_ connection: Connection, _ key: ObjectIdentifier) -> Bool {
        connections.withLock { connections in
            guard connections.count < Self.maximumConnections else { return false }
            connections[key] = connection
            return true
        }
    }

    /// Lets every subscriber know that the daemon ends, and gives them a second to hear it.
    func endSubscriptions() async {
        let open = connections.withLock { Array($0.values) }
        for connection in open { connection.subscriptions.endAll(.shutdown) }
        await withTaskGroup { group in
            group.addTask { try? await Task.sleep(for: .seconds(1)) }
            group.addTask {
                for connection in open { await connection.activity.until { $0.subscriptions == 0 || $0.isClosed } }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
