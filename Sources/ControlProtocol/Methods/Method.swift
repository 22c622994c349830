// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A method of the protocol: its name, what it takes and what it answers.
public protocol Method: Sendable {
    static var name: String { get }
    /// What it takes to be answered. A method of operators that names an agent takes one of the peer's own, or an
    /// administrator.
    static var role: Role { get }
    associatedtype Params: Codable & Sendable
    associatedtype Result: Codable & Sendable
    /// What it fails with besides what any method does, and what one that names an agent does.
    static var errors: [ProtocolError.Kind] { get }
    /// Checks what the types of the params cannot say. Fails with `invalid_params`.
    static func check(_ params: Params) throws(ProtocolError)
}

extension Method {
    public static var errors: [ProtocolError.Kind] { [] }

    public static func check(_ params: Params) throws(ProtocolError) {}

    /// The params of a request, strictly decoded and checked; a request without any is one with `{}`.
    public static func params(from value: JSONValue?) throws(ProtocolError) -> Params {
        let params = try StrictDecoder.decode(Params.self, from: value ?? [:])
        try check(params)
        return params
    }
}

/// Every method that this version knows.
public enum Methods {
    public static let all: [any Method.Type] = [
        Initialize.self, AgentStart.self, AgentList.self, AgentGet.self, AgentInput.self, AgentResize.self,
        AgentSignal.self, AgentStop.self, AgentKill.self, AgentWait.self, AgentRemove.self, AgentLogs.self,
        AgentAttach.self, AgentDetach.self, AgentUsage.self, AgentChanges.self, AgentApply.self,
        AgentDiscard.self, AgentRestart.self, AgentPause.self, AgentResume.self, EventsList.self,
        EventsSubscribe.self, AgentScreen.self, AgentViewport.self, ProfileList.self, ProfileGet.self,
        ProfileCheck.self, LauncherList.self, SupervisorStatus.self, SupervisorMetrics.self, SupervisorReload.self,
        SupervisorDrain.self, SupervisorDoctor.self, RPCCancel.self, RPCDiscover.self,
    ]
}

/// `{}`: params or a result that say nothing.
public struct Nothing: Codable, Sendable, Hashable {
    public init() {}

    private enum CodingKeys: CodingKey {}

    /// Opens the object, so that whatever stands in it is reported as unknown.
    public init(from decoder: any Decoder) throws {
        _ = try decoder.container(keyedBy: CodingKeys.self)
    }

    public func encode(to encoder: any Encoder) throws {
        _ = encoder.container(keyedBy: CodingKeys.self)
    }
}

/// Params that name one agent and nothing else.
public struct AgentParams: Codable, Sendable, Hashable {
    public var agent: AgentReference

    public init(agent: AgentReference) {
        self.agent = agent
    }
}
