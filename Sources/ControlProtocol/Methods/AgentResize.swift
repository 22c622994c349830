// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/resize`: a new size for the agent's terminal.
package enum AgentResize: Method {
    package static let name = "agent/resize"
    package static let role = Role.operator
    package typealias Result = Nothing

    package struct Params: Codable, Sendable, Hashable {
        package var agent: AgentReference
        package var size: TerminalSize

        package init(agent: AgentReference, size: TerminalSize) {
            self.agent = agent
            self.size = size
        }

        private enum CodingKeys: CodingKey {
            case agent
        }

        package init(from decoder: any Decoder) throws {
            agent = try decoder.container(keyedBy: CodingKeys.self).decode(AgentReference.self, forKey: .agent)
            size = try TerminalSize(from: decoder)
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(agent, forKey: .agent)
            try size.encode(to: encoder)
        }
    }
}
