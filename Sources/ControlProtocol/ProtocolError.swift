// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// An error as it crosses the socket: a number, a sentence for a person, and `data` for a program.
public struct ProtocolError: Error, Codable, Sendable, Hashable, CustomStringConvertible {
    public var code: Int
    public var message: String
    /// Holds at least `error`, the word of `kind`.
    public var data: [String: JSONValue]

    /// Every error that the protocol knows.
    public enum Kind: String, Sendable, CaseIterable {
        /// The line is not JSON. The answer has the id null.
        case parseError = "parse_error"
        /// The line is JSON, but no request, or too long. After one that is too long the connection is closed.
        case invalidRequest = "invalid_request"
        /// There is no such method.
        case methodNotFound = "method_not_found"
        /// A member of the params is missing, unknown, there twice, of the wrong type or out of its range.
        case invalidParams = "invalid_params"
        /// The daemon failed at something that is no fault of the request's; its log says more.
        case internalError = "internal_error"
        /// No agent is called so, or none that the peer may see.
        case agentNotFound = "agent_not_found"
        /// The agent's state is not one in which that can be done.
        case invalidState = "invalid_state"
        /// The peer may not do that.
        case permissionDenied = "permission_denied"
        /// Another agent of the peer's has the name.
        case nameTaken = "name_taken"
        /// Something would be more than there may be, or than there is room for.
        case limitReached = "limit_reached"
        /// Something is wrong with a profile, a launcher or the configuration.
        case profileInvalid = "profile_invalid"
        /// The agent's jail could not be built, or the agent not be started in it.
        case jailFailed = "jail_failed"
        /// It did not happen within the time that the request gave.
        case timedOut = "timed_out"
        /// This daemon, or its host, cannot do that.
        case unsupportedHere = "unsupported_here"
        /// The daemon starts nothing new: it ends, or was asked not to.
        case draining
        /// The beginning of an id fits several agents, or a name, for one who sees others' agents.
        case agentAmbiguous = "agent_ambiguous"
        /// The answer was given up with `rpc.cancel`; what was begun goes on.
        case cancelled

        /// What any method can fail with.
        static let ofAnyMethod: [Kind] = [.invalidParams, .permissionDenied, .limitReached, .internalError]

        public var code: Int {
            switch self {
            case .parseError: -32700
            case .invalidRequest: -32600
            case .methodNotFound: -32601
            case .invalidParams: -32602
            case .internalError: -32603
            case .agentNotFound: -32001
            case .invalidState: -32002
            case .permissionDenied: -32003
            case .nameTaken: -32004
            case .limitReached: -32005
            case .profileInvalid: -32006
            case .jailFailed: -32007
            case .timedOut: -32008
            case .unsupportedHere: -32009
            case .draining: -32010
            case .agentAmbiguous: -32011
            case .cancelled: -32012
            }
        }
    }

    public init(_ kind: Kind, _ message: String, data: [String: JSONValue] = [:]) {
        code = kind.code
        self.message = message
        self.data = data
        self.data["error"] = .string(kind.rawValue)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        code = try container.decode(Int.self, forKey: .code)
        message = try container.decode(String.self, forKey: .message)
        data = try container.decodeIfPresent([String: JSONValue].self, forKey: .data) ?? [:]
    }

    /// Nil for an error of a later daemon that this version does not know.
    public var kind: Kind? { data["error"]?.text.flatMap(Kind.init(rawValue:)) }

    public var description: String { message }
}

extension ProtocolError {
    public static func parseError(_ error: JSONError) -> Self {
        Self(.parseError, "the line is not JSON: \(error)")
    }

    public static func invalidRequest(_ sentence: String) -> Self {
        Self(.invalidRequest, sentence)
    }

    public static func methodNotFound(_ method: String) -> Self {
        Self(.methodNotFound, "there is no method called \(method.quoted)")
    }

    /// `reason` continues the sentence `the parameter "x" …`.
    public static func invalidParams(path: JSONPath, reason: String) -> Self {
        let subject = path.components.isEmpty ? "the object of parameters" : "the parameter \"\(path)\""
        return Self(.invalidParams, "\(subject) \(reason)", data: ["path": .string(path.description)])
    }

    /// The same for a member named by its path as text, such as `limits.memory`.
    public static func invalidParams(path: String, reason: String) -> Self {
        .invalidParams(path: JSONPath([.member(path)]), reason: reason)
    }

    public static func internalError(_ sentence: String) -> Self {
        Self(.internalError, sentence)
    }

    public static func agentNotFound(_ agent: AgentReference) -> Self {
        Self(.agentNotFound, "no agent is called \"\(agent)\"", data: ["agent": .string(agent.text)])
    }

    public static func invalidState(_ state: AgentState, _ sentence: String) -> Self {
        Self(.invalidState, sentence, data: ["state": .string(state.rawValue)])
    }

    public static func permissionDenied(_ sentence: String) -> Self {
        Self(.permissionDenied, sentence)
    }

    public static func nameTaken(_ name: AgentName) -> Self {
        Self(.nameTaken, "another agent is called \"\(name)\"", data: ["name": .string(name.text)])
    }

    /// `limit` is the word for the limit, such as `agents` or `connections`.
    public static func limitReached(_ limit: String, _ sentence: String) -> Self {
        Self(.limitReached, sentence, data: ["limit": .string(limit)])
    }

    /// `line` counts from 1.
    public static func profileInvalid(file: String, line: Int?, reason: String) -> Self {
        Self(
            .profileInvalid, line.map { "\(file):\($0): \(reason)" } ?? "\(file): \(reason)",
            data: [
                "file": .string(file), "line": line.map { .integer(Int64($0)) } ?? .null, "reason": .string(reason),
            ])
    }

    /// `errno` is the name, such as `EACCES`.
    public static func jailFailed(stage: String, errno: String?, hint: String?, _ sentence: String) -> Self {
        Self(
            .jailFailed, sentence,
            data: [
                "stage": .string(stage), "errno": errno.map(JSONValue.string) ?? .null,
                "hint": hint.map(JSONValue.string) ?? .null,
            ])
    }

    public static func timedOut(_ sentence: String) -> Self {
        Self(.timedOut, sentence)
    }

    public static func unsupportedHere(feature: String, _ sentence: String) -> Self {
        Self(.unsupportedHere, sentence, data: ["feature": .string(feature)])
    }

    public static var draining: Self {
        Self(.draining, "the daemon is shutting down and starts nothing new")
    }

    public static func agentAmbiguous(_ agent: AgentReference, matches: [AgentID]) -> Self {
        let ids = matches.sorted().map(\.text)
        return Self(
            .agentAmbiguous,
            "\"\(agent)\" fits \(ids.count) agents (\(ids.prefix(4).joined(separator: ", "))\(ids.count > 4 ? ", …" : ""))",
            data: ["agent": .string(agent.text), "matches": .array(ids.prefix(64).map(JSONValue.string))])
    }

    public static var cancelled: Self {
        Self(.cancelled, "the answer was cancelled by rpc.cancel; what was begun goes on")
    }
}
