// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import NIOCore
import Synchronization

/// A connection to a daemon's control socket. Calls may be made from anywhere and at once; answers find their callers
/// in whatever order they come.
///
/// ```swift
/// try await SupervisorClient.withConnection(path: path) { client in
///     let agents = try await client.agents()
///     for try await item in try await client.attach(.init(agent: AgentReference(agents[0].id))) { … }
/// }
/// ```
///
/// A subscription that is not read fast enough stops the reading of the whole connection once a few chunks wait, and the
/// daemon keeps the rest; answers to calls wait behind them. Read subscriptions in a task of their own.
public final class SupervisorClient: Sendable {
    private let channel: any Channel
    private let connection: NIOLoopBound<Connection>
    private let lastID = Atomic<Int64>(0)

    init(channel: any Channel, connection: Connection) {
        self.channel = channel
        self.connection = NIOLoopBound(connection, eventLoop: channel.eventLoop)
    }

    /// Comes true when the connection is closed, by either end.
    var closed: EventLoopFuture<Void> { channel.closeFuture }

    /// Connects, and closes the connection when `body` ends in whatever way.
    public static func withConnection<Result>(
        path: String, _ body: (SupervisorClient) async throws -> Result
    ) async throws -> Result {
        let client = try await connect(path: path)
        defer { client.close() }
        return try await body(client)
    }

    /// Calls a method and waits for its answer. Throws a `ProtocolError` that the daemon answers, a `ClientError` when
    /// there is no answer, or `CancellationError` when the task is cancelled: then the daemon is told with `rpc.cancel`.
    public func call<M: Method>(_ method: M.Type, _ params: M.Params) async throws -> M.Result {
        let value: JSONValue = try await request(method, params) { value, _ in value }
        return try Self.decode(M.Result.self, from: value, of: M.name)
    }

    /// All agents that `agent/list` answers, in as many answers as it takes.
    public func agents(_ params: AgentList.Params = .init()) async throws -> [Agent] {
        var params = params
        var agents: [Agent] = []
        while true {
            let page = try await call(AgentList.self, params)
            agents += page.agents
            guard let next = page.next, !page.agents.isEmpty else { return agents }
            params.after = next
        }
    }

    /// Calls `agent/attach` and returns the output that follows.
    public func attach(_ params: AgentAttach.Params) async throws -> Subscription<AttachItem> {
        try await request(AgentAttach.self, params) { value, connection in
            let result = try Self.decode(AgentAttach.Result.self, from: value, of: AgentAttach.name)
            return connection.subscribe(to: result.subscription, from: result.offset)
        }
    }

    /// Calls `events/subscribe` and returns the events that follow.
    public func events(_ params: EventsSubscribe.Params) async throws -> Subscription<EventItem> {
        try await request(EventsSubscribe.self, params) { value, connection in
            let result = try Self.decode(EventsSubscribe.Result.self, from: value, of: EventsSubscribe.name)
            return connection.subscribe(to: result.subscription, from: result.seq)
        }
    }

    /// Ends the connection: calls under way and subscriptions fail with `connectionLost`. Agents do not notice.
    public func close() {
        channel.close(promise: nil)
    }

    /// Sends a request and hands its result to `complete`, on the event loop, before any later line is looked at: so no
    /// notification can overtake the registration of its subscription.
    private func request<M: Method, Answer: Sendable>(
        _ method: M.Type, _ params: M.Params,
        complete: @escaping @Sendable (JSONValue, Connection) throws -> Answer
    ) async throws -> Answer {
        try Task.checkCancellation()
        let id = lastID.add(1, ordering: .relaxed).newValue
        let line = try RequestLine.encode(method, params, id: .integer(id))
        guard line.count <= ProtocolLimits.maximumRequestLine + 1 else {
            throw ClientError(
                .requestTooLong,
                "the request takes \(line.count) bytes, more than the \(ProtocolLimits.maximumRequestLine) of a line")
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Answer, any Error>) in
                channel.eventLoop.execute { [connection] in
                    connection.value.send(line, id: id, method: M.name) { answer, connection in
                        continuation.resume(with: Result { try complete(try answer.get(), connection) })
                    }
                }
            }
        } onCancel: {
            channel.eventLoop.execute { [connection] in connection.value.cancel(id) }
        }
    }

    private static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue, of method: String) throws -> T {
        do {
            return try StrictDecoder.decode(type, from: value, unknownMembers: .ignored)
        } catch {
            throw ClientError(.malformedAnswer, "the daemon's answer to \(method) is not understood: \(error)")
        }
    }
}
