// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import NIOCore

/// What a daemon sends under one subscription, to be read once. It ends after the item `ended`, or throws a
/// `ClientError` when the connection breaks before. Whoever stops reading detaches.
public struct Subscription<Item: SubscriptionItem>: AsyncSequence, Sendable {
    typealias Producer = NIOThrowingAsyncSequenceProducer<
        Item, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, SubscriptionDelegate
    >

    /// Its name, within the connection.
    public let id: SubscriptionID
    /// As the answer said: the offset of the first byte to come, or the number of the last event before the first.
    public let start: UInt64
    let producer: Producer

    /// To be called once.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: producer.makeAsyncIterator()) }

    /// What brings one item after another.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let base: Producer.AsyncIterator

        /// The next item; nil after the last.
        public func next() async throws -> Item? { try await base.next() }
    }
}

/// One thing that a subscription brings.
public protocol SubscriptionItem: Sendable {
    /// Nil for a notification that this version does not know.
    init?(method: String, params: JSONValue) throws(ProtocolError)
    static func ended(_ reason: SubscriptionEnded.Reason) -> Self
}

/// From `agent/attach`.
public enum AttachItem: SubscriptionItem, Hashable {
    case output(OutputChunk)
    /// A piece of what puts a terminal into the state of the agent's; the last one has `more` false.
    case snapshot(AgentScreenSnapshot)
    /// Another writes from now on.
    case taken(by: AgentWriter.Writer)
    /// The bytes from `from` up to, not including, `to` are gone.
    case gap(from: UInt64, to: UInt64)
    case ended(SubscriptionEnded.Reason)

    /// What a notification of an attachment brings.
    public init?(method: String, params: JSONValue) throws(ProtocolError) {
        switch method {
        case AgentOutput.method:
            self = .output(try StrictDecoder.decode(AgentOutput.self, from: params, unknownMembers: .ignored).chunk)
        case AgentGap.method:
            let gap = try StrictDecoder.decode(AgentGap.self, from: params, unknownMembers: .ignored)
            self = .gap(from: gap.from, to: gap.to)
        case AgentScreenSnapshot.method:
            self = .snapshot(try StrictDecoder.decode(AgentScreenSnapshot.self, from: params, unknownMembers: .ignored))
        case AgentWriter.method:
            let news = try StrictDecoder.decode(AgentWriter.self, from: params, unknownMembers: .ignored)
            self = .taken(by: news.writer)
        default: return nil
        }
    }
}

/// From `events/subscribe`.
public enum EventItem: SubscriptionItem, Hashable {
    case event(Event)
    case ended(SubscriptionEnded.Reason)

    /// What a notification of events brings.
    public init?(method: String, params: JSONValue) throws(ProtocolError) {
        guard method == EventNotification.method else { return nil }
        self = .event(try StrictDecoder.decode(EventNotification.self, from: params, unknownMembers: .ignored).event)
    }
}

/// Tells the connection how a subscription's reader gets on.
struct SubscriptionDelegate: NIOAsyncSequenceProducerDelegate {
    let id: SubscriptionID
    let eventLoop: any EventLoop
    let connection: NIOLoopBound<Connection>

    func produceMore() {
        eventLoop.execute { [connection, id] in connection.value.resumeReading(for: id) }
    }

    func didTerminate() {
        eventLoop.execute { [connection, id] in connection.value.readerStopped(id) }
    }
}
