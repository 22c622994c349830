// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/signal`: a signal to the agent's main process and its group.
package enum AgentSignal: Method {
    package static let name = "agent/signal"
    package static let role = Role.operator
    package typealias Result = Nothing

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        package var signal: Signal

        package init(agent: AgentReference, signal: Signal) {
            self.agent = agent
            self.signal = signal
        }
    }
}
