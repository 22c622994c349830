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
    /// Of those, how many may be such as wait for what an agent does: so that others are still heard, `rpc.cancel` first.
    static let maximumWaits = 48
    static let maximumSubscriptions = 64

    struct Activity: Sendable {
        var requests = 0
        /// Of those requests.
        var requestBytes = 0
        var waits = 0
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
    /// Tells it from others, as long as it lives.
    var id: ObjectIdentifier { ObjectIdentifier(activity) }
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

    private struct Job: Sendable {
        let request: RequestEnvelope
        let pending: PendingAnswers.Pending
        /// Of its line, in bytes.
        let size: Int
        let came = ContinuousClock.now
    }

    /// Serves the client until it is gone, or has said all and got all its answers.
    func serve(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async {
        channel.closeFuture.whenComplete { _ in activity.change { $0.isClosed = true } }
        await withDiscardingTaskGroup { group in
            // What one client sends to agents arrives in the order in which it was sent.
            let (ordered, feed) = AsyncStream<Job>.makeStream()
            // Nothing of the request is kept while what it has subscribed to goes on.
            let (begun, begin) = AsyncStream<any Subscription>.makeStream()
            group.addTask {
                for await job in ordered {
                    if let subscription = await answer(job, outbound) { begin.yield(subscription) }
                }
            }
            group.addTask {
                await withDiscardingTaskGroup { streams in
                    for await subscription in begun {
                        streams.addTask { await run(subscription, outbound) }
                    }
                    streams.cancelAll()
                }
            }
            do {
                try await read(inbound, outbound) { request, size in
                    let job = Job(request: request, pending: pending.add(request.id), size: size)
                    if Dispatch.isOrdered(request.method) {
                        feed.yield(job)
                    } else {
                        group.addTask {
                            if let subscription = await answer(job, outbound) { begin.yield(subscription) }
                        }
                    }
                }
            } catch {
                logger.debug("a connection broke: \(error)")
            }
            feed.finish()
            // A client that has only closed its sending side still gets the answers that it is owed.
            await activity.until { $0.isIdle || $0.isClosed }
            begin.finish()
            group.cancelAll()
        }
        // Also those that had not begun when the client left.
        subscriptions.forgetAll()
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
            // It is counted as a request once it is one.
            account.giveBack(.requestBytes, held)
            held = 0
            while !activity.latest.value.isLeaving, let item = framer.next() {
                guard case .line(let line) = item else {
                    let limit = ProtocolLimits.maximumRequestLine
                    // What was asked before is still answered, unless that waits for an agent.
                    await untilAnswered(for: .seconds(5))
                    end(because: .invalidRequest("a request line has at most \(limit) bytes"))
                    continue
                }
                try await answer(line, outbound, handle)
            }
            do {
                try account.take(.requestBytes, framer.count)
                held = framer.count
            } catch {
                end(because: error)
            }
        }
        guard !activity.latest.value.isLeaving, case .line(let line)? = framer.finish() else { return }
        try await answer(line, outbound, handle)
    }

    private func untilAnswered(for patience: Duration) async {
        await withTaskGroup { group in
            group.addTask { try? await Task.sleep(for: patience) }
            group.addTask { await activity.until { $0.requests == 0 || $0.isClosed } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Says no more, and closes the connection for good a second later, or when the client has closed it. What still
    /// comes has to be read meanwhile: a socket that is closed with unread bytes in it breaks the client's pipe, often
    /// before the client has read why.
    static func leave(_ channel: any Channel) {
        channel.close(mode: .output, promise: nil)
        channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }

    /// Has the request of a line carried out, once there is room for it, or answers why not.
    private func answer(
        _ line: [UInt8], _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ handle: (RequestEnvelope, Int) -> Void
    ) async throws {
        // A line is held while it waits. Where there is no room even for that, it is refused at once.
        if !activity.latest.value.hasRoom(for: line.count), (try? account.take(.requestBytes, line.count)) != nil {
            await activity.until { $0.hasRoom(for: line.count) || $0.isClosed }
            account.giveBack(.requestBytes, line.count)
        }
        if let refusal = take(line, handle) { try await outbound.write(ByteBuffer(bytes: refusal)) }
    }

    /// Returns the answer to what is refused.
    private func take(_ line: [UInt8], _ handle: (RequestEnvelope, Int) -> Void) -> [UInt8]? {
        let request: RequestEnvelope
        do {
            request = try RequestEnvelope(line: line)
        } catch {
            supervisor.socketCounts.add("unknown", error.error)
            return error.isNotification ? nil : DaemonLine.error(error.error, to: error.id)
        }
        do {
            try take(line.count, Dispatch.waits(request.method))
        } catch {
            supervisor.socketCounts.add(Dispatch.name(of: request), error)
            return request.id.map { DaemonLine.error(error, to: $0) }
        }
        handle(request, line.count)
        return nil
    }

    /// Counts a request as in flight. Fails with `limit_reached`.
    private func take(_ bytes: Int, _ waits: Bool) throws(ProtocolError) {
        if waits, activity.latest.value.waits >= Self.maximumWaits {
            throw .limitReached(
                "waits",
                "a connection has at most \(Self.maximumWaits) requests that wait for agents; await one, or cancel it "
                    + "with rpc.cancel")
        }
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
            $0.waits += waits ? 1 : 0
        }
    }

    private func giveBack(_ bytes: Int) {
        account.giveBack(.requests)
        account.giveBack(.requestBytes, bytes)
        activity.change {
            $0.requests -= 1
            $0.requestBytes -= bytes
        }
    }

    /// Carries a request out, and returns what it has subscribed to, which is to be run.
    private func answer(
        _ job: Job, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async -> (any Subscription)? {
        let call = Call(pending: job.pending, connection: self, came: job.came)
        defer {
            pending.remove(job.pending)
            giveBack(job.size)
        }
        var subscription: (any Subscription)?
        do {
            let lane = Dispatch.lane(of: job.request.method)
            if lane.isLong {
                let refusal = lane == .screen ? await Dispatch.prepare(job.request, call) : nil
                try await send(to: outbound, lane) {
                    if let refusal { return refusal.line ?? [] }
                    return await reply(to: job, call).line ?? []
                }
            } else {
                let reply = try await reply(to: job, call, lane)
                subscription = reply.subscription
                // Whose name nobody is told, nobody can follow or end.
                if let unnamed = subscription, job.request.id == nil {
                    subscriptions.forget(unnamed.id)
                    subscription = nil
                }
                // Counted before the answer is out, which precedes all that follows from it.
                if subscription != nil { activity.change { $0.subscriptions += 1 } }
                if let line = reply.line { try await outbound.write(ByteBuffer(bytes: line)) }
            }
            return subscription
        } catch {
            if let subscription { forget(subscription) }
            return nil
        }
    }

    /// Once there is room in its lane. What waits has waited then, before the answer is out: whoever has read that may wait
    /// for something else.
    private func reply(to job: Job, _ call: Call, _ lane: Dispatch.Lane) async throws -> Reply {
        defer { if Dispatch.waits(job.request.method) { activity.change { $0.waits -= 1 } } }
        var call = call
        if lane == .planning { call.permit = try await account.costly.permit() }
        defer { call.permit?.release() }
        return try await account.pass(lane) { [call] in await reply(to: job, call) }
    }

    private func reply(to job: Job, _ call: Call) async -> Reply {
        // Its client's rights may have changed since it came.
        activity.latest.value.isLeaving ? Reply() : await Dispatch.reply(to: job.request, call)
    }

    private func run(_ subscription: any Subscription, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async {
        let sending = Sending { lane, make in try await send(to: outbound, lane, make) }
        await subscriptions.run(subscription, logger, sending)
        forget(subscription)
    }

    private func forget(_ subscription: any Subscription) {
        subscriptions.forget(subscription.id)
        activity.change { $0.subscriptions -= 1 }
    }

    /// Sends what `make` makes, once the client has room for it: so there is never more than one such piece. It is made
    /// in the turn of this connection among its user's.
    private func send(
        to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ lane: Dispatch.Lane, _ make: Sending.Making
    ) async throws {
        try await turns.pass {
            let bytes = try await account.pass(lane, make)
            if !bytes.isEmpty { try await outbound.write(ByteBuffer(bytes: bytes)) }
        }
    }
}
