// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import NIOCore

/// The client's end of the wire: matches answers to calls and hands notifications to their subscriptions. Lives on its
/// channel's event loop and nowhere else.
///
/// It reads by itself (`autoRead` is off), so that it can stop while a subscription's reader is behind: then the kernel's
/// buffer fills, the daemon stops sending, and nobody holds what nobody reads.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    /// Gets the result, or what the call fails with.
    typealias Completion = (Result<JSONValue, any Error>, Connection) -> Void

    private let eventLoop: any EventLoop
    private var context: ChannelHandlerContext?
    private var framer = LineFramer(maximumLine: ProtocolLimits.maximumDaemonLine)
    private var calls: [Int64: (method: String, complete: Completion)] = [:]
    /// Calls whose task was cancelled before they were sent.
    private var cancelledEarly: Set<Int64> = []
    private var subscriptions: [SubscriptionID: any Sink] = [:]
    /// Subscriptions that have as much as they can take.
    private var full: Set<SubscriptionID> = []
    /// Why nothing more will come.
    private var failure: (any Error)?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    // MARK: Calls

    func send(_ line: [UInt8], id: Int64, method: String, completion: @escaping Completion) {
        if cancelledEarly.remove(id) != nil { return completion(.failure(CancellationError()), self) }
        guard failure == nil, let context else { return completion(.failure(failure ?? Self.lost(method)), self) }
        calls[id] = (method, completion)
        write(line, context)
    }

    func cancel(_ id: Int64) {
        guard let call = calls.removeValue(forKey: id) else {
            cancelledEarly.insert(id)
            return
        }
        call.complete(.failure(CancellationError()), self)
        notify(RPCCancel.self, .init(id: .integer(id)))
    }

    private func write(_ line: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: line)), promise: nil)
    }

    /// Calls a method whose answer nobody waits for.
    private func notify<M: Method>(_ method: M.Type, _ params: M.Params) {
        guard failure == nil, let context, let line = try? RequestLine.encode(method, params, id: nil) else { return }
        write(line, context)
    }

    // MARK: Subscriptions

    func subscribe<Item: SubscriptionItem>(to id: SubscriptionID, from start: UInt64) -> Subscription<Item> {
        let delegate = SubscriptionDelegate(
            id: id, eventLoop: eventLoop, connection: NIOLoopBound(self, eventLoop: eventLoop))
        // A chunk may have 32 KiB, so at most a few hundred KiB wait.
        let sequence = Subscription<Item>.Producer.makeSequence(
            elementType: Item.self, failureType: (any Error).self,
            backPressureStrategy: .init(lowWatermark: 4, highWatermark: 16), finishOnDeinit: false, delegate: delegate)
        if let failure {
            sequence.source.finish(failure)
        } else {
            subscriptions[id] = ItemSink<Item>(source: sequence.source)
        }
        return Subscription(id: id, start: start, producer: sequence.sequence)
    }

    func resumeReading(for id: SubscriptionID) {
        if full.remove(id) != nil, full.isEmpty { context?.read() }
    }

    func readerStopped(_ id: SubscriptionID) {
        guard subscriptions.removeValue(forKey: id) != nil else { return }
        notify(AgentDetach.self, .init(subscription: id))
        resumeReading(for: id)
    }

    // MARK: What comes in

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { context.read() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        context.read()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if full.isEmpty { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        framer.append(unwrapInboundIn(data).readableBytesView)
        while failure == nil, let item = framer.next() {
            switch item {
            case .line(let line): receive(line)
            case .tooLong: fail(ClientError(.malformedAnswer, "the daemon sent a line longer than the protocol allows"))
            }
        }
    }

    private func receive(_ line: [UInt8]) {
        do {
            switch try DaemonMessage(line: line) {
            case .result(.integer(let id), let value):
                if let call = calls.removeValue(forKey: id) { call.complete(.success(value), self) }
            case .error(.integer(let id), let error):
                if let call = calls.removeValue(forKey: id) { call.complete(.failure(error), self) }
            case .error(_, let error) where error.kind == .permissionDenied || error.kind == .limitReached:
                // About the connection as a whole.
                fail(error)
            case .error(_, let error):
                // About a request whose id the daemon could not read: there is no telling whose answer is missing.
                fail(ClientError(.malformedAnswer, "the daemon did not understand a request: \(error)"))
            case .notification(let method, let params): try deliver(method, params)
            case .result: break
            }
        } catch {
            fail(ClientError(.malformedAnswer, "the daemon sent something that is not understood: \(error)"))
        }
    }

    private func deliver(_ method: String, _ params: JSONValue) throws {
        guard let id = params["subscription"]?.text.map(SubscriptionID.init(rawValue:)), let sink = subscriptions[id]
        else { return }
        if method == SubscriptionEnded.method {
            let end = try StrictDecoder.decode(SubscriptionEnded.self, from: params, unknownMembers: .ignored)
            subscriptions[id] = nil
            full.remove(id)
            sink.end(end.reason)
        } else if try !sink.take(method, params) {
            full.insert(id)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(ClientError(.connectionLost, "the connection to the daemon broke: \(error)"))
    }

    private static func lost(_ method: String) -> ClientError {
        ClientError(
            .connectionLost,
            "the daemon closed the connection before it answered \(method); agents run on, so ask again once it is back"
        )
    }

    /// Ends every call and subscription, and the connection with them. Without an error it was closed.
    private func fail(_ error: (any Error)?) {
        guard failure == nil else { return }
        failure = error ?? ClientError(.connectionLost, "the daemon closed the connection; agents run on")
        let (calls, subscriptions) = (calls, subscriptions)
        self.calls = [:]
        self.subscriptions = [:]
        for call in calls.values { call.complete(.failure(error ?? Self.lost(call.method)), self) }
        for sink in subscriptions.values { sink.fail(failure ?? Self.lost("the subscription")) }
        context?.close(promise: nil)
    }
}

/// Where a subscription's notifications go.
private protocol Sink {
    /// Says whether there is room for more.
    func take(_ method: String, _ params: JSONValue) throws -> Bool
    func end(_ reason: SubscriptionEnded.Reason)
    func fail(_ error: any Error)
}

private struct ItemSink<Item: SubscriptionItem>: Sink {
    let source: Subscription<Item>.Producer.Source

    func take(_ method: String, _ params: JSONValue) throws -> Bool {
        guard let item = try Item(method: method, params: params) else { return true }
        // A reader that has gone takes anything; its detaching is on the way.
        return source.yield(item) != .stopProducing
    }

    func end(_ reason: SubscriptionEnded.Reason) {
        _ = source.yield(.ended(reason))
        source.finish()
    }

    func fail(_ error: any Error) {
        source.finish(error)
    }
}
