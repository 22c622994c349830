// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Who is attached to one agent: any number who watch, and one who writes.
struct Viewers: Sendable {
    /// A subscription of a connection.
    struct ID: Hashable, Sendable {
        let connection: ObjectIdentifier
        let subscription: SubscriptionID
    }

    struct Viewer: Sendable {
        let peer: PeerIdentity
        /// Of its own terminal, if it said, and may change the agent's.
        var size: TerminalSize?
        let mayResize: Bool
        /// Told when another takes over the writing.
        let writing: WritingRight
    }

    private(set) var all: [ID: Viewer] = [:]
    private(set) var writer: ID?

    /// Who writes from outside of this connection.
    func writer(besides connection: ObjectIdentifier) -> Viewer? {
        writer.flatMap { $0.connection == connection ? nil : all[$0] }
    }

    mutating func enter(_ id: ID, _ viewer: Viewer, writes: Bool) {
        all[id] = viewer
        if writes { writer = id }
    }

    mutating func leave(_ id: ID) {
        all[id] = nil
        if writer == id { writer = nil }
    }

    /// Nobody writes any more.
    mutating func disarm() { writer = nil }

    mutating func setSize(_ size: TerminalSize, of id: ID) {
        if all[id]?.mayResize == true { all[id]?.size = size }
    }

    /// The size that the agent's terminal is to have; nil for the one that it has.
    func size(under policy: SizePolicy) -> TerminalSize? {
        switch policy {
        case .pinned: return nil
        case .writer: return writer.flatMap { all[$0]?.size }
        case .largest:
            let sizes = all.values.compactMap(\.size)
            guard let columns = sizes.map(\.columns).max(), let rows = sizes.map(\.rows).max() else { return nil }
            return TerminalSize(columns: columns, rows: rows)
        }
    }
}
