// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/remove`: forgets an agent that has ended, with its output. With `force` one that runs is killed first;
/// without, it is refused with `invalid_state`.
public enum AgentRemove: Method {
    public static let name = "agent/remove"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [.invalidState, .cancelled]
    public typealias Result = Nothing

    public struct Params: Codable, Sendable, Hashable {
        public var agent: AgentReference
        /// Kill it first if it has not ended. Without it false.
        public var force: Bool?

        public init(agent: AgentReference, force: Bool? = nil) {
            self.agent = agent
            self.force = force
        }
    }
}
