// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import NIOCore
import Synchronization

/// What the clients of one user have together, and may have.
final class ClientAccount: Sendable {
    enum Resource: String, Sendable {
        case connections
        case requests
        case subscriptions
        case requestBytes = "request_bytes"
    }

    private struct State {
        var used: [Resource: Int] = [:]
        var limits: ClientLimits.PerUser
    }

    private let state: Mutex<State>
    /// Long answers are made, and logs read, for so many of the user's connections at a time: whoever asks for
    /// gigabytes keeps no more than that of the machine busy.
    let bulk = Turnstile(places: max(1, System.coreCount / 2))
    let ordinary = Turnstile(places: 2)
    let costly = Turnstile(places: 1)
    let examination = Turnstile(places: 1)
    let overlay = Turnstile(places: 1)

    init(_ limits: ClientLimits.PerUser) {
        state = Mutex(State(limits: limits))
    }

    /// What it has already stays, also where new limits would not have allowed it.
    func change(_ limits: ClientLimits.PerUser) {
        state.withLock { $0.limits = limits }
    }

    /// Does what a request asks for in its turn among the user's.
    func pass<Value>(_ lane: Dispatch.Lane, _ body: () async throws -> Value) async throws -> Value {
        switch lane {
        case .free, .planning, .screen: try await body()
        case .ordinary: try await ordinary.pass(body)
        case .costly: try await costly.pass(body)
        case .examination: try await examination.pass(body)
        case .overlay: try await overlay.pass(body)
        case .bulky: try await bulk.pass(body)
        }
    }

    /// Fails with `limit_reached` when there is no room for so much more.
    func take(_ resource: Resource, _ amount: Int = 1) throws(ProtocolError) {
        let limit: Int? = state.withLock { state in
            let limit = state.limits[resource]
            guard state.used[resource, default: 0] + amount <= limit else { return limit }
            state.used[resource, default: 0] += amount
            return nil
        }
        guard let limit else { return }
        let what =
            switch resource {
            case .connections: "\(limit) connections"
            case .requests: "\(limit) requests that are not answered yet"
            case .subscriptions: "\(limit) subscriptions"
            case .requestBytes: "\(limit) bytes in requests that are not answered, or not whole, yet"
            }
        throw .limitReached(resource.rawValue, "the clients of one user have \(what) together, as many as may be")
    }

    func giveBack(_ resource: Resource, _ amount: Int = 1) {
        state.withLock { $0.used[resource, default: 0] -= amount }
    }
}

extension ClientLimits.PerUser {
    fileprivate subscript(resource: ClientAccount.Resource) -> Int {
        switch resource {
        case .connections: connections
        case .requests: requests
        case .subscriptions: subscriptions
        case .requestBytes: requestBytes
        }
    }
}
