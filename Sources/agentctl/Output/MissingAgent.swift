// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import SupervisorClient

/// What to do next when no agent is called so.
enum MissingAgent {
    /// Names that are near, else where the agents are that there are.
    static func hint(for name: String, among agents: [Agent]) -> String {
        let near = NearestNames.of(name, among: agents.map(\.name.text))
        if !near.isEmpty { return "did you mean \(NearestNames.text(near))?" }
        let ended = agents.count { $0.state.isFinal }
        switch (agents.count - ended, ended) {
        case (0, 0): return "you have no agents; \"agentctl start\" starts one"
        case (0, _): return "\"agentctl list --all\" shows \(ended) ended \(ended == 1 ? "one" : "ones")"
        case (let live, 0):
            return "\"agentctl list\" shows the \(live == 1 ? "one" : "\(live)") that there \(live == 1 ? "is" : "are")"
        case (let live, _):
            return
                "\"agentctl list\" shows \(live), \"agentctl list --all\" \(ended) ended \(ended == 1 ? "one" : "ones") as well"
        }
    }

    /// The failure for an error, with that hint if it is about an agent that is not there. Asks the daemon once more; one
    /// that does not answer soon is not waited for.
    static func failure(_ error: any Error, client: SupervisorClient) async -> Failure? {
        guard var failure = Failure(error) else { return nil }
        guard let error = error as? ProtocolError, error.kind == .agentNotFound, let name = error.data["agent"]?.text,
            let agents = try? await within(.seconds(1), { try await client.agents() })
        else { return failure }
        failure.hint = hint(for: name, among: agents)
        return failure
    }
}
