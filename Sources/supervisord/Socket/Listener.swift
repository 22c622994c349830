// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Logging
import NIOCore
import NIOPosix

/// Accepts clients on one socket.
struct Listener: Sendable {
    private typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let server: NIOAsyncChannel<Accepted, Never>

    /// One that is accepted while the listener ends is dropped, and NIO traps on a channel that is dropped without having
    /// been served (NIOAsyncWriter's deinit): so it is served then, with nothing.
    private final class Accepted: Sendable {
        let client: Client

        init(_ client: Client) { self.client = client }

        deinit {
            Task { [client] in try? await client.executeThenClose { _, _ in } }
        }
    }

    private let isReadOnly: Bool
    private let supervisor: Supervisor
    private let logger: Logger

    /// Takes over a listening socket.
    ///
    /// - Parameter isReadOnly: whoever connects can see, and change nothing.
    init(
        owning socket: Int32, isReadOnly: Bool, _ supervisor: Supervisor, _ group: any EventLoopGroup, _ logger: Logger
    ) async throws {
        self.isReadOnly = isReadOnly
        self.supervisor = supervisor
        self.logger = logger
        server = try await ServerBootstrap(group: group)
            // Whoever connects without waiting, as Node does, is refused when the queue is full (unix(7)).
            .serverChannelOption(.backlog, value: SOMAXCONN)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(socket) { channel in
                channel.eventLoop.makeCompletedFuture {
                    Accepted(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                }
            }
    }

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

    private func serve(_ accepted: Accepted) async {
        let client = accepted.client
        do {
            try await client.executeThenClose { inbound, outbound in
                do {
                    let peer = try await PeerCheck(supervisor: supervisor).peer(
                        of: client.channel, isReadOnly: isReadOnly)
                    let clients = supervisor.clients
                    let connection = Connection(
                        peer: peer, isReadOnly: isReadOnly, channel: client.channel,
                        account: clients.account(of: peer.identity.uid), supervisor: supervisor, logger: logger)
                    try clients.add(connection)
                    defer { clients.remove(connection) }
                    // Only now does a change of the rules find it: one that came while it was being looked at has not.
                    try await PeerCheck(supervisor: supervisor).requireUnchanged(peer, isReadOnly: isReadOnly)
                    supervisor.socketCounts.accepted()
                    await connection.serve(inbound, outbound)
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
}
