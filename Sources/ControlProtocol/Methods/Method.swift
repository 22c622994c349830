// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A method of the protocol: its name, what it takes and what it answers.
package protocol Method: Sendable {
    static var name: String { get }
    /// What it takes to be answered. A method of operators that names an agent takes one of the peer's own, or an
    /// administrator.
    static var role: Role { get }
    associatedtype Params: Codable & Sendable
    associatedtype Result: Codable & Sendable
    /// Checks what the types of the params cannot say. Fails with `invalid_params`.
    static func check(_ params: Params) throws(ProtocolError)
}

extension Method {
    package static func check(_ params: Params) throws(ProtocolError) {}

    /// The params of a request, strictly decoded and checked; a request without any is one with `{}`.
    package static func params(from value: JSONValue?) throws(ProtocolError) -> Params {
        let params = try StrictDecoder.decode(Params.self, from: value ?? [:])
        try check(params)
        return params
    }
}

/// Every method that this version knows.
package enum Methods {
    package static let all: [any Method.Type] = [
        Initialize.self, AgentStart.self, AgentList.self, AgentGet.self, AgentInput.self, AgentResize.self,
        AgentSignal.self, AgentStop.self, AgentKill.self, AgentWait.self, AgentRemove.self, AgentLogs.self,
        AgentAttach.self, AgentDetach.self, AgentUsage.self, AgentChanges.self, AgentApply.self,
        AgentDiscard.self, AgentRestart.self, AgentPause.self, AgentResume.self, EventsList.self,
        EventsSubscribe.self, SupervisorStatus.self, SupervisorReload.self, SupervisorDrain.self,
        SupervisorDoctor.self, RPCCancel.self,
    ]
}

/// `{}`: params or a result that say nothing.
package struct Nothing: Codable, Sendable, Hashable {
    package init() {}

    private enum CodingKeys: CodingKey {}

    /// Opens the object, so that whatever stands in it is reported as unknown.
    package init(from decoder: any Decoder) throws {
        _ = try decoder.container(keyedBy: CodingKeys.self)
    }

    package func encode(to encoder: any Encoder) throws {
        _ = encoder.container(keyedBy: CodingKeys.self)
    }
}

/// Params that name one agent and nothing else.
package struct AgentParams: Codable, Sendable, Hashable {
    package var agent: AgentReference

    package init(agent: AgentReference) {
        self.agent = agent
    }
}
