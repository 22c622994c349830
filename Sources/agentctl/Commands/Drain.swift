// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient
import Synchronization

/// `agentctl drain`
struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start no new agents, and wait until the last has ended.",
        discussion: """
            What waits goes on waiting. Interrupted, only the waiting ends; "--off" starts new agents again, and whoever \
            still waits fails then.
            """)

    @Flag(help: "Start new agents again.")
    var off = false

    @Flag(help: "Do not wait.")
    var noWait = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if off, noWait { throw ValidationError("--off and --no-wait exclude each other") }
    }

    func run() async throws {
        let result = try await connection.withClient { client in
            let wait = !off && !noWait
            let params = SupervisorDrain.Params(enabled: !off, wait: wait)
            guard wait else { return try await client.call(SupervisorDrain.self, params) }
            let left = Left()
            return try await Progress.during({ "waiting for \(Self.agents(left.count.withLock { $0 })) to end, \($0)" })
            {
                async let _ = Self.count(client, into: left)
                return try await client.call(SupervisorDrain.self, params)
            }
        }
        if off { return try StandardOutput.write("new agents are started again\n") }
        guard result.draining else {
            throw Failure("the daemon is not draining any more: somebody has had it start new agents again")
        }
        let running = result.running
        try StandardOutput.write(
            running == 0
                ? "no agent runs\n"
                : "nothing new is started; \(Self.agents(running)) still \(running == 1 ? "runs" : "run")\n")
    }

    /// How many have not ended, once that is known.
    private final class Left: Sendable {
        let count = Mutex<Int?>(nil)
    }

    /// Finds out how many agents there are that have not ended, again and again. By the status: to ask for draining again
    /// would take back somebody's "--off".
    private static func count(_ client: SupervisorClient, into left: Left) async throws {
        while true {
            try await Task.sleep(for: Progress.patience)
            let states = try await client.call(SupervisorStatus.self, Nothing()).agents
            let live = states.filter { AgentState(rawValue: $0.key)?.isFinal != true }
            left.count.withLock { $0 = live.values.reduce(0, +) }
        }
    }

    private static func agents(_ count: Int?) -> String {
        count.map { $0 == 1 ? "1 agent" : "\($0) agents" } ?? "agents"
    }
}

/// `agentctl reload`
struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the daemon read its configuration again.",
        discussion: "One that is wrong changes nothing. Agents that run keep what they were started with.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        _ = try await connection.withClient { try await $0.call(SupervisorReload.self, .init()) }
    }
}
