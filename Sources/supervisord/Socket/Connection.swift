// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Logging
import NIOCore

/// One client: reads its requests, answers them side by side, and sends what it has subscribed to.
///
/// What a client can make us hold is bounded: a line, `maximumRequests` requests, `maximumSubscriptions` places in logs,
/// and the socket's own buffer. One that does not read what it is sent is not read from either.
struct Connection: Sendable {
    /// Requests in flight, over which no more are read.
    static let maximumRequests = 64
    static let maximumSubscriptions = 64

    struct Activity: Sendable {
        var requests = 0
        var subscriptions = 0
        /// The client is gone, altogether.
        var isClosed = false

        var isIdle: Bool { requests == 0 && subscriptions == 0 }
    }

    let peer: Peer
    let listener: Listener
    let supervisor: Supervisor
    let logger: Logger
    let activity = Broadcast(Activity())
    let pending = PendingAnswers()
    let subscriptions = Subscriptions(maximum: maximumSubscriptions)

    /// Serves the client until it is gone, or has said all and got all its answers.
    func serve(
        _ channel: any Channel, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async {
        channel.closeFuture.whenComplete { _ in activity.change { $0.isClosed = true } }
        await withDiscardingTaskGroup { group in
            // What one client sends to agents arrives in the order in which it was sent.
            let (ordered, feed) = AsyncStream<(RequestEnvelope, PendingAnswers.Pending)>.makeStream()
            group.addTask {
                for await (request, pending) in ordered { await answer(request, pending, outbound) }
            }
            do {
                try await read(channel, inbound, outbound) { request in
                    let pending = pending.add(request.id)
                    if Dispatch.isOrdered(request.method) {
                        feed.yield((request, pending))
                    } else {
                        group.addTask { await answer(request, pending, outbound) }
                    }
                }
            } catch {
                logger.debug("a connection broke: \(error)")
            }
            feed.finish()
            // A client that has only closed its sending side still gets the answers that it is owed.
            await activity.until { $0.isIdle || $0.isClosed }
            group.cancelAll()
        }
        // All that has been written is to be read before the socket is closed; unless the daemon ends, which waits for
        // no client.
        if !Task.isCancelled, !activity.latest.value.isClosed { try? await channel.writeAndFlush(ByteBuffer()) }
    }

    private func read(
        _ channel: any Channel, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ handle: (RequestEnvelope) -> Void
    ) async throws {
        var framer = LineFramer(maximumLine: ProtocolLimits.maximumRequestLine)
        var isLeaving = false
        for try await bytes in inbound where !isLeaving {
            framer.append(bytes.readableBytesView)
            while !isLeaving, let item = framer.next() {
                guard case .line(let line) = item else {
                    let limit = ProtocolLimits.maximumRequestLine
                    let error = ProtocolError.invalidRequest("a request line has at most \(limit) bytes")
                    try await outbound.write(ByteBuffer(bytes: DaemonLine.error(error, to: nil)))
                    Self.leave(channel)
                    isLeaving = true
                    continue
                }
                try await take(line, outbound, handle)
            }
        }
        if !isLeaving, case .line(let line)? = framer.finish() { try await take(line, outbound, handle) }
    }

    /// Says no more, and closes the connection for good a second later, or when the client has closed it. What still
    /// comes has to be read meanwhile: a socket that is closed with unread bytes in it breaks the client's pipe, often
    /// before the client has read why.
    static func leave(_ channel: any Channel) {
        channel.close(mode: .output, promise: nil)
        channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }

    private func take(
        _ line: [UInt8], _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ handle: (RequestEnvelope) -> Void
    ) async throws {
        await activity.until { $0.requests < Self.maximumRequests || $0.isClosed }
        do {
            let request = try RequestEnvelope(line: line)
            activity.change { $0.requests += 1 }
            handle(request)
        } catch {
            supervisor.socketCounts.add("unknown", error.error)
            try await outbound.write(ByteBuffer(bytes: DaemonLine.error(error.error, to: error.id)))
        }
    }

    private func answer(
        _ request: RequestEnvelope, _ pending: PendingAnswers.Pending,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async {
        let send: @Sendable ([UInt8]) async throws -> Void = { try await outbound.write(ByteBuffer(bytes: $0)) }
        let reply = await Dispatch.reply(to: request, Call(pending: pending, connection: self))
        self.pending.remove(pending)
        let streams = reply.subscription == nil ? 0 : 1
        activity.change { $0.subscriptions += streams }
        defer { activity.change { $0.subscriptions -= streams } }
        do {
            defer { activity.change { $0.requests -= 1 } }
            // An answer precedes all that follows from it.
            if let line = reply.line { try await send(line) }
        } catch {
            if let subscription = reply.subscription { subscriptions.forget(subscription.id) }
            return
        }
        if let subscription = reply.subscription { await subscriptions.run(subscription, logger, send) }
    }
}
