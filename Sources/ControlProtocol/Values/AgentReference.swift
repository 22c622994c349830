// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What a request says under `agent`: an id, the beginning of one, or a name.
public struct AgentReference: WireText {
    public let text: String

    public static var schema: JSONValue { ["type": "string", "pattern": .string(PlainName.pattern)] }
    public static var example: JSONValue { "fix-tests" }

    /// The shortest beginning of an id that counts as one.
    public static let minimumPrefix = 6

    public init(_ text: String) throws(ValueError) {
        guard PlainName.isPlain(text) else {
            throw ValueError("\(text.quoted) is neither an agent's id nor a name: \(PlainName.rule)")
        }
        self.text = text
    }

    public init(_ id: AgentID) { text = id.text }
    public init(_ name: AgentName) { text = name.text }

    /// The one agent meant among those that the peer may see: by its name, else by its id, else as the only one whose
    /// id begins so. Fails with `agent_not_found` or `agent_ambiguous`.
    public func resolve(
        among agents: some Sequence<(id: AgentID, name: AgentName)>
    ) throws(ProtocolError) -> AgentID {
        var named: [AgentID] = []
        var matches: [AgentID] = []
        for agent in agents {
            if agent.name.text == text { named.append(agent.id) }
            if isBeginning(of: agent.id) { matches.append(agent.id) }
        }
        if !named.isEmpty { matches = named }
        guard let first = matches.first else { throw .agentNotFound(self) }
        guard matches.count == 1 else { throw .agentAmbiguous(self, matches: matches) }
        return first
    }

    /// Whether the id begins so, or is that.
    public func isBeginning(of id: AgentID) -> Bool {
        text.utf8.count >= Self.minimumPrefix && id.text.hasPrefix(text.uppercased())
    }
}
