// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Logging
import NIOCore

/// One client: reads its requests, answers them side by side, and sends what it has subscribed to.
///
/// What a client can make us hold is bounded: one line of requests, `maximumRequests` requests of no more bytes than the
/// longest line together, `maximumSubscriptions` places in logs, one long answer or piece of a stream, and the socket's
/// own buffer. One that does not read what it is sent is not read from either.
struct Connection: Sendable {
    /// Requests in flight, over which no more are read.
    static let maximumRequests = 64
    static let maximumSubscriptions = 64

    struct Activity: Sendable {
        var requests = 0
        /// Of those requests.
        var requestBytes = 0
        var subscriptions = 0
        /// Nothing more is taken from it.
        var isLeaving = false
        /// The client is gone, altogether.
        var isClosed = false

        var isIdle: Bool { requests == 0 && subscriptions == 0 }

        func hasRoom(for bytes: Int) -> Bool {
            requests == 0
                || requests < maximumRequests && requestBytes + bytes <= ProtocolLimits.maximumRequestLine
        }
    }

    let peer: Peer
    let isReadOnly: Bool
    let channel: any Channel
    let account: ClientAccount
    let supervisor: Supervisor
    let logger: Logger
    let activity = Broadcast(Activity())
    let pending = PendingAnswers()
    let subscriptions: Subscriptions
    /// Long answers and streams take turns.
    private let turns = Turnstile(places: 1)

    init(
        peer: Peer, isReadOnly: Bool, channel: any Channel, account: ClientAccount, supervisor: Supervisor,
        logger: Logger
    ) {
        self.peer = peer
        self.isReadOnly = isReadOnly
        self.channel = channel
        self.account = account
        subscriptions = Subscriptions(maximum: Self.maximumSubscriptions, account: account)
        self.supervisor = supervisor
        self.logger = logger
    }

    private typealias Job = (request: RequestEnvelope, pending: PendingAnswers.Pending, size: Int)

    /// Serves the client until it is gone, or has said all and got all its answers.
    func serve(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async {
        channel.closeFuture.whenComplete { _ in activity.change { $0.isClosed = true } }
        await withDiscardingTaskGroup { group in
            // What one client sends to agents arrives in the order in which it was sent.
            let (ordered, feed) = AsyncStream<Job>.makeStream()
            group.addTask {
                for await job in ordered { await answer(job, outbound) }
            }
            do {
                try await read(inbound, outbound) { request, size in
                    let job = (request, pending.add(request.id), size)
                    if Dispatch.isOrdered(request.method) {
                        feed.yield(job)
                    } else {
                        group.addTask { await answer(job, outbound) }
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

    /// Tells the client why, takes nothing more from it, and closes the connection.
    func end(because error: ProtocolError) {
        activity.change { $0.isLeaving = true }
        channel.writeAndFlush(ByteBuffer(bytes: DaemonLine.error(error, to: nil)), promise: nil)
        Self.leave(channel)
    }

    private func read(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ handle: (RequestEnvelope, Int) -> Void
    ) async throws {
        var framer = LineFramer(maximumLine: ProtocolLimits.maximumRequestLine)
        /// Bytes of a line that has only begun to come: of many connections it is much.
        var held = 0
        defer { account.giveBack(.requestBytes, held) }
        for try await bytes in inbound where !activity.latest.value.isLeaving {
            framer.append(bytes.readableBytesView)
            while !activity.latest.value.isLeaving, let item = framer.next() {
                guard case .line(let line) = item else {
                    let limit = ProtocolLimits.maximumRequestLine
                    end(because: .invalidRequest("a request line has at most \(limit) bytes"))
                    continue
                }
                try await take(line, outbound, handle)
            }
            account.giveBack(.requestBytes, held)
            held = framer.count
            do {
                try account.take(.requestBytes, held)
            } catch {
                held = 0
                end(because: error)
            }
        }
        guard !activity.latest.value.isLeaving, case .line(let line)? = framer.finish() else { return }
        try await take(line, outbound, handle)
    }

    /// Says no more, and closes the connection for good a second later, or when the client has closed it. What still
    /// comes has to be read meanwhile: a socket that is closed with unread bytes in it breaks the client's pipe, often
    /// before the client has read why.
    static func leave(_ channel: any Channel) {
        channel.close(mode: .output, promise: nil)
        channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }

    private func take(
        _ line: [UInt8], _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ handle: (RequestEnvelope, Int) -> Void
    ) async throws {
        await activity.until { $0.hasRoom(for: line.count) || $0.isClosed }
        do {
            let request = try RequestEnvelope(line: line)
            do {
                try take(requestOf: line.count)
            } catch {
                if let id = request.id { try await outbound.write(ByteBuffer(bytes: DaemonLine.error(error, to: id))) }
                return
            }
            handle(request, line.count)
        } catch let refusal as RequestEnvelope.Refusal {
            try await outbound.write(ByteBuffer(bytes: DaemonLine.error(refusal.error, to: refusal.id)))
        }
    }

    /// Counts a request as in flight. Fails with `limit_reached`.
    private func take(requestOf bytes: Int) throws(ProtocolError) {
        try account.take(.requests)
        do {
            try account.take(.requestBytes, bytes)
        } catch {
            account.giveBack(.requests)
            throw error
        }
        activity.change {
            $0.requests += 1
            $0.requestBytes += bytes
        }
    }

    private func giveBack(requestOf bytes: Int) {
        account.giveBack(.requests)
        account.giveBack(.requestBytes, bytes)
        activity.change {
            $0.requests -= 1
            $0.requestBytes -= bytes
        }
    }

    private func answer(_ job: Job, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async {
        let call = Call(pending: job.pending, connection: self)
        var reply = Reply()
        defer { if reply.subscription != nil { activity.change { $0.subscriptions -= 1 } } }
        do {
            defer {
                pending.remove(job.pending)
                giveBack(requestOf: job.size)
            }
            if Dispatch.isBulky(job.request.method) {
                try await send(to: outbound) { await Dispatch.reply(to: job.request, call).line ?? [] }
            } else {
                reply = await Dispatch.reply(to: job.request, call)
                // Counted before the answer is out, which precedes all that follows from it.
                if reply.subscription != nil { activity.change { $0.subscriptions += 1 } }
                if let line = reply.line { try await outbound.write(ByteBuffer(bytes: line)) }
            }
        } catch {
            if let subscription = reply.subscription { subscriptions.forget(subscription.id) }
            return
        }
        guard let subscription = reply.subscription else { return }
        await subscriptions.run(subscription, logger) { make in try await send(to: outbound, make) }
    }

    /// Sends what `make` makes, once the client has room for it: so there is never more than one such piece. It is made
    /// in the turn of this connection among its user's.
    private func send(
        to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ make: () async throws -> [UInt8]
    ) async throws {
        try await turns.pass {
            let bytes = try await account.bulk.pass(make)
            if !bytes.isEmpty { try await outbound.write(ByteBuffer(bytes: bytes)) }
        }
    }
}
