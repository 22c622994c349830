// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/signal`: a signal to the agent's main process and its group.
public enum AgentSignal: Method {
    public static let name = "agent/signal"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [.invalidState]
    public typealias Result = Nothing

    public struct Params: Codable, Sendable, Hashable {
        public var agent: AgentReference
        public var signal: Signal

        public init(agent: AgentReference, signal: Signal) {
            self.agent = agent
            self.signal = signal
        }
    }
}
