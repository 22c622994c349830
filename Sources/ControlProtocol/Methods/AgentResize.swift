// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/resize`: a new size for the agent's terminal.
public enum AgentResize: Method {
    public static let name = "agent/resize"
    public static let role = Role.operator
    public static let errors: [ProtocolError.Kind] = [.invalidState]
    public typealias Result = Nothing

    public struct Params: Codable, Sendable, Hashable, BoundedMembers {
        public static let bounds = TerminalSize.bounds

        public var agent: AgentReference
        public var size: TerminalSize

        public init(agent: AgentReference, size: TerminalSize) {
            self.agent = agent
            self.size = size
        }

        private enum CodingKeys: CodingKey {
            case agent
        }

        public init(from decoder: any Decoder) throws {
            agent = try decoder.container(keyedBy: CodingKeys.self).decode(AgentReference.self, forKey: .agent)
            size = try TerminalSize(from: decoder)
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(agent, forKey: .agent)
            try size.encode(to: encoder)
        }
    }
}
