// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The members that an error's `data` has beside `error`, which is the word for what it is.
enum ErrorData {
    /// What each member holds. A name means the same in every error.
    static let members: [String: (schema: JSONValue, description: String)] = [
        "agent": (["type": "string"], "What the request said under `agent`, or the id of the agent that it is about."),
        "errno": (["type": ["string", "null"]], "The name of the system's error, such as `EACCES`."),
        "feature": (["type": "string"], "What is not to be had: a method, or a member of its params."),
        "file": (["type": "string"], "The path of the file, on the daemon's host."),
        "hint": (["type": ["string", "null"]], "What mends it: a sentence for a person."),
        "limit": (["type": "string"], "Which limit: `agents`, `connections`, `subscriptions`, `disk`, `line` …"),
        "line": (["type": ["integer", "null"], "minimum": 1], "The line in the file."),
        "matches": (["type": "array", "items": AgentID.schema], "The ids that it could mean, at most 64."),
        "name": (["type": "string"], "The name."),
        "path": (["type": "string"], "Which member: `limits.memory`, `command[2]`. Empty for the params as a whole."),
        "reason": (["type": "string"], "What is wrong, without the place."),
        "stage": (["type": "string"], "The step in building the jail, such as `mount.workspace`."),
        "state": (["type": "string"], "The agent's state, in which that cannot be done."),
        "writer": (
            [
                "type": "object", "required": ["uid", "user", "pid"],
                "properties": ["uid": ["type": "integer"], "user": ["type": "string"], "pid": ["type": "integer"]],
            ], "Where another client writes to the agent: who that is."
        ),
    ]

    static func members(of kind: ProtocolError.Kind) -> [String] {
        switch kind {
        case .invalidParams: ["path"]
        case .agentNotFound: ["agent"]
        case .invalidState: ["state"]
        case .nameTaken: ["name"]
        case .limitReached: ["limit"]
        case .profileInvalid: ["file", "line", "reason"]
        case .jailFailed: ["stage", "errno", "hint"]
        case .unsupportedHere: ["feature"]
        case .agentAmbiguous: ["agent", "matches"]
        case .parseError, .invalidRequest, .methodNotFound, .internalError, .permissionDenied, .timedOut, .draining,
            .cancelled:
            []
        }
    }

    /// What may be there as well.
    static func furtherMembers(of kind: ProtocolError.Kind) -> [String] {
        switch kind {
        case .invalidState: ["writer"]
        case .jailFailed, .permissionDenied: ["agent"]
        default: []
        }
    }

    /// The schema of `data`. There may be more in it.
    static func schema(of kind: ProtocolError.Kind) -> JSONValue {
        var properties: [String: JSONValue] = [
            "error": ["type": "string", "enum": [.string(kind.rawValue)], "description": "The word for programs."]
        ]
        for name in members(of: kind) + furtherMembers(of: kind) {
            guard let member = members[name], case .object(var schema) = member.schema else { continue }
            schema["description"] = .string(member.description)
            properties[name] = .object(schema)
        }
        return [
            "type": "object", "properties": .object(properties),
            "required": .array((["error"] + members(of: kind)).map(JSONValue.string)),
        ]
    }
}
