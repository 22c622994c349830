// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

extension RawClient {
    /// Starts a shell with a script and returns the agent.
    func start(_ script: String, _ members: [String: JSONValue] = [:]) async throws -> JSONValue {
        try await result(
            "agent/start",
            .object(members.merging(["command": ["/bin/sh", "-c", .string(script)]]) { mine, _ in mine }))
    }

    /// Waits until the agent has written something.
    func waitForOutput(_ agent: JSONValue) async throws {
        for _ in 0..<12_000 {
            if try await result("agent/get", ["agent": agent])["output"]?["end"] != 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("\(agent) writes nothing")
    }

    /// Asks for an agent until it is in this state, and as the condition says; fails in half a minute.
    func until(
        _ name: String, _ state: String, _ condition: (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        var agent: JSONValue = .null
        for _ in 0..<1500 {
            agent = try await result("agent/get", ["agent": .string(name)])
            if agent["state"]?.text == state, condition(agent) { return agent }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("\(name) does not become \(state): \(agent)")
        return agent
    }

    /// Attaches, and reads to the subscription's end.
    func attached(_ params: JSONValue) async throws -> (text: String, reason: String) {
        _ = try await result("agent/attach", params)
        return try await streamed()
    }

    /// Reads the one subscription there is to its end, and checks that its chunks follow on from each other.
    func streamed() async throws -> (text: String, reason: String) {
        var text = ""
        var next: Int64?
        while let line = try await notification() {
            if line["method"] == "subscription/ended" { return (text, line["params"]?["reason"]?.text ?? "") }
            guard line["method"] == "agent/output", let params = line["params"] else { continue }
            let data = params["data"]?.text ?? ""
            if let next { #expect(params["offset"]?.number == next) }
            next = (params["offset"]?.number ?? 0) + Int64(data.utf8.count)
            text += data
        }
        return (text, "closed")
    }

    /// The first events of all, as many as are wanted.
    func events(_ count: Int) async throws -> [JSONValue] {
        _ = try await result("events/subscribe", ["since": 0])
        var events: [JSONValue] = []
        while events.count < count, let line = try await notification() {
            if line["method"] == "event", let params = line["params"] { events.append(params) }
        }
        return events
    }
}

extension JSONValue {
    /// All text of an answer to agent/logs.
    var logText: String {
        (self["chunks"]?.elements ?? []).compactMap { $0["data"]?.text }.joined()
    }

    var isAllText: Bool {
        (self["chunks"]?.elements ?? []).allSatisfy { $0["data"] != nil }
    }

    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    var number: Int64 {
        guard case .integer(let number) = self else { return -1 }
        return number
    }
}
