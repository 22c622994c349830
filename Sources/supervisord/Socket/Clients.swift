// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Synchronization

/// Everyone who is connected, on whichever socket.
final class Clients: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var accounts: [UInt32: ClientAccount] = [:]
        var limits: ClientLimits
    }

    private let state: Mutex<State>

    init(_ limits: ClientLimits) {
        state = Mutex(State(limits: limits))
    }

    var count: Int { state.withLock { $0.connections.count } }

    /// As many as this peer may know of: its own user's, or all.
    func count(for peer: Peer) -> Int {
        if peer.grant.seesAll { return count }
        return state.withLock { $0.connections.values.count { $0.peer.identity.uid == peer.identity.uid } }
    }
    var all: [Connection] { state.withLock { Array($0.connections.values) } }

    /// The account of a user's clients, which stays: there are only so many users.
    func account(of uid: UInt32) -> ClientAccount {
        state.withLock { state in
            if let account = state.accounts[uid] { return account }
            let account = ClientAccount(state.limits.perUser)
            state.accounts[uid] = account
            return account
        }
    }

    /// Fails with `limit_reached`.
    func add(_ connection: Connection) throws(ProtocolError) {
        try connection.account.take(.connections)
        let reserve = connection.peer.isAdministrator ? ClientLimits.reserve : 0
        let limit: Int? = state.withLock { state in
            guard state.connections.count < state.limits.connections + reserve else { return state.limits.connections }
            state.connections[connection.id] = connection
            return nil
        }
        guard let limit else { return }
        connection.account.giveBack(.connections)
        throw .limitReached("connections", "the daemon has \(limit) connections, as many as it takes")
    }

    func remove(_ connection: Connection) {
        let removed = state.withLock { $0.connections.removeValue(forKey: connection.id) }
        if removed != nil { connection.account.giveBack(.connections) }
    }

    /// What is open stays open, also where new limits would not have allowed it.
    func change(_ limits: ClientLimits) {
        state.withLock { state in
            state.limits = limits
            for account in state.accounts.values { account.change(limits.perUser) }
        }
    }

    /// Lets every subscriber know that the daemon ends, and gives them a second to hear it.
    func endSubscriptions() async {
        let open = all
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
