// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Events, as `agentctl events` shows them: a line each, without a heading, since they come one by one.
enum EventListing: Listed {
    static let columns: [Column<Event>] = [
        Column("seq") { event, _ in "\(event.seq)" },
        Column("time") { event, _ in event.time.text },
        Column("type", style: { $0.type.style }) { event, _ in event.type.rawValue },
        Column("agent") { event, _ in event.agent?.text },
        Column("data") { event, _ in
            event.data.isEmpty ? nil : String(decoding: JSONValue.object(event.data).encoded(), as: UTF8.self)
        },
    ]

    static func id(of event: Event) -> String { "\(event.seq)" }
}

extension EventType {
    fileprivate var style: Style? {
        switch self {
        case .agentFailed, .agentRefused: .bad
        case .agentBackoff, .agentQueued, .agentPaused, .supervisorDraining: .waiting
        case .agentStarted, .agentReady, .agentResumed: .good
        default: nil
        }
    }
}
