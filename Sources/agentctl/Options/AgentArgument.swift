// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// An agent on the command line.
struct AgentArgument: ExpressibleByArgument {
    let reference: AgentReference

    /// Nil makes the parser say that the value is invalid for the argument.
    init?(argument: String) {
        guard let reference = try? AgentReference(argument) else { return nil }
        self.reference = reference
    }

    static var defaultCompletionKind: CompletionKind { .custom(AgentCompletion.agents) }

    static let help = ArgumentHelp("A name, an id, or the first six or more characters of one.", valueName: "agent")
}

/// Several agents, for commands that do the same to each.
struct AgentArguments: ParsableArguments {
    /// Requests under way at once: of those that wait, a daemon takes 48 from a connection.
    private static let mostRequests = 32

    @Argument(help: ArgumentHelp("Names, ids, or the first six or more characters of ids.", valueName: "agent"))
    var agents: [AgentArgument]

    /// Does the same to each agent, to many at once, and goes on with the others when one fails. Every failure is reported;
    /// the first decides the exit code. `doing` is what a person who waits is told, `stopping`, with how much is left of
    /// `grace`.
    func forEach<Value: Sendable>(
        on client: SupervisorClient, doing: String, within grace: RunningGrace? = nil,
        _ body: @escaping @Sendable (AgentReference) async throws -> Value
    ) async throws -> [Value] {
        let names = agents.map(\.reference.text)
        let left = Waiting(names)
        let results = try await Progress.during({ "\(doing) \(left.text), \(grace?.left(after: $0) ?? "\($0)")" }) {
            try await pipelined(Array(agents.enumerated()), atMost: Self.mostRequests) { index, agent in
                defer { left.remove(index) }
                do {
                    return Result<Value, any Error>.success(try await body(agent.reference))
                } catch {
                    return .failure(error)
                }
            }
        }
        var values: [Value] = []
        var first: Failure?
        for result in results {
            switch result {
            case .success(let value): values.append(value)
            case .failure(let error):
                guard let failure = await MissingAgent.failure(error, client: client) else { throw error }
                StandardError.report(failure)
                first = first ?? failure
            }
        }
        if let first { throw ExitCode(first.exitCode) }
        return values
    }
}
