// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Logging
import NIOCore
import Synchronization

/// What one client has subscribed to.
final class Subscriptions: Sendable {
    private enum Phase: Equatable, Sendable {
        case running
        case ending(SubscriptionEnded.Reason)
        case ended
    }

    private struct State {
        var phases: [SubscriptionID: Broadcast<Phase>] = [:]
        var endings: [SubscriptionID: @Sendable () -> Void] = [:]
        var last = 0
    }

    private let maximum: Int
    private let state = Mutex(State())

    private let account: ClientAccount

    init(maximum: Int, account: ClientAccount) {
        self.maximum = maximum
        self.account = account
    }

    /// A name for a new subscription, which counts from now on. Fails with `limit_reached`.
    func add() throws(ProtocolError) -> SubscriptionID {
        try account.take(.subscriptions)
        let id: SubscriptionID? = state.withLock { state in
            guard state.phases.count < maximum else { return nil }
            state.last += 1
            let id = SubscriptionID(rawValue: "s\(state.last)")
            state.phases[id] = Broadcast(.running)
            return id
        }
        guard let id else {
            account.giveBack(.subscriptions)
            throw .limitReached("subscriptions", "a connection has at most \(maximum) subscriptions; end one first")
        }
        return id
    }

    /// Has something done when a subscription ends, however it does.
    func atEnd(of id: SubscriptionID, _ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.endings[id] = body }
    }

    /// Runs a subscription to its end, and tells the client of it last.
    func run(
        _ subscription: any Subscription, _ logger: Logger, _ send: Sending
    ) async {
        defer { forget(subscription.id) }
        guard let phase = state.withLock({ $0.phases[subscription.id] }) else { return }
        do {
            let reason = try await outcome(of: subscription, phase, logger, send)
            let ended = SubscriptionEnded(subscription: subscription.id, reason: reason)
            try await send { try DaemonLine.notification(ended) }
        } catch {
            // The client is gone.
            logger.debug("the subscription \(subscription.id.rawValue) broke: \(error)")
        }
    }

    /// Why it ended: by itself, or because it was ended. Fails when nothing can be sent any more.
    private func outcome(
        of subscription: any Subscription, _ phase: Broadcast<Phase>, _ logger: Logger,
        _ send: Sending
    ) async throws -> SubscriptionEnded.Reason {
        try await withThrowingTaskGroup(of: SubscriptionEnded.Reason?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                do {
                    return try await subscription.run(send)
                } catch is ChannelError {
                    // The client is gone.
                    throw CancellationError()
                } catch is CancellationError {
                    return nil
                } catch {
                    logger.error("a subscription fails: \(error)")
                    return .failed
                }
            }
            group.addTask {
                await phase.until { $0 != .running }
                if case .ending(let reason) = phase.latest.value { return reason }
                return nil
            }
            guard let first = try await group.next(), let reason = first else { throw CancellationError() }
            // Nothing of it may follow the word that it has ended.
            group.cancelAll()
            while (try? await group.next()) != nil {}
            return reason
        }
    }

    /// Ends one, and returns when the client has been told. Fails with `invalid_params` when there is none.
    func end(_ id: SubscriptionID) async throws(ProtocolError) {
        guard let phase = state.withLock({ $0.phases[id] }) else {
            throw .invalidParams(path: "subscription", reason: "names no subscription of this connection")
        }
        phase.change { if $0 == .running { $0 = .ending(.detached) } }
        await phase.until { $0 == .ended }
    }

    /// Begins to end all.
    func endAll(_ reason: SubscriptionEnded.Reason) {
        let phases = state.withLock { Array($0.phases.values) }
        for phase in phases { phase.change { if $0 == .running { $0 = .ending(reason) } } }
    }

    /// Nobody is there any more to tell of them.
    func forgetAll() {
        for id in state.withLock({ Array($0.phases.keys) }) { forget(id) }
    }

    /// Takes one off that has ended, or never began.
    func forget(_ id: SubscriptionID) {
        let found = state.withLock { state in
            state.phases.removeValue(forKey: id).map { ($0, state.endings.removeValue(forKey: id)) }
        }
        guard let (phase, ending) = found else { return }
        account.giveBack(.subscriptions)
        ending?()
        phase.change { $0 = .ended }
    }
}
