// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `agent/output`: the next bytes of an agent that the client is attached to. Offset and length of one chunk give the
/// offset of the next, unless an `agent/gap` stands between them.
public struct AgentOutput: ServerNotification {
    public static let method = "agent/output"

    public var subscription: SubscriptionID
    public var agent: AgentID
    public var chunk: OutputChunk

    public init(subscription: SubscriptionID, agent: AgentID, chunk: OutputChunk) {
        self.subscription = subscription
        self.agent = agent
        self.chunk = chunk
    }

    private enum CodingKeys: String, CodingKey {
        case subscription, agent
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        subscription = try container.decode(SubscriptionID.self, forKey: .subscription)
        agent = try container.decode(AgentID.self, forKey: .agent)
        chunk = try OutputChunk(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(subscription, forKey: .subscription)
        try container.encode(agent, forKey: .agent)
        try chunk.encode(to: encoder)
    }
}
