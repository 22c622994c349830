// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import SupervisorClient

/// What a shell offers for an argument, from the daemon that the line names. Without one, and when it takes its time,
/// there is nothing to offer, and nothing is said. Only names and ids are offered, whose letters mean nothing to a shell.
enum AgentCompletion {
    /// Longer, and a person thinks that the shell hangs.
    private static let patience = Duration.milliseconds(500)

    /// Agents' names that begin with `prefix` and are not on the line yet, and ids where no name does.
    @Sendable static func agents(words: [String], index: Int, prefix: String) async -> [String] {
        let agents = await answer(words) { try await $0.agents() } ?? []
        return offer(agents, words: words, prefix: prefix)
    }

    static func offer(_ agents: [Agent], words: [String], prefix: String) -> [String] {
        let command = AgentCtl.commandWord(among: words.dropFirst()) ?? ""
        let given = Set(words.dropLast())
        let useful = agents.filter { agent in
            if given.contains(agent.name.text) || given.contains(agent.id.text) { return false }
            return agent.state.isFinal ? !forLive.contains(command) : !forEnded.contains(command)
        }
        let names = useful.map(\.name.text).filter { $0.hasPrefix(prefix) }
        if !names.isEmpty || prefix.isEmpty { return names.sorted() }
        return useful.map(\.id.text).filter { $0.hasPrefix(prefix.uppercased()) }
    }

    /// Commands that an ended agent only answers with an error, and one that a live one does.
    private static let forLive: Set<String> = [
        "attach", "send", "stop", "kill", "signal", "pause", "resume", "resize", "tail",
    ]
    private static let forEnded: Set<String> = ["rm", "remove"]

    @Sendable static func launchers(words: [String], index: Int, prefix: String) async -> [String] {
        await answer(words) { try await $0.call(LauncherList.self, Nothing()).launchers.map(\.name.text) }
            .map { offer($0, prefix: prefix) } ?? []
    }

    @Sendable static func profiles(words: [String], index: Int, prefix: String) async -> [String] {
        await answer(words) { try await $0.call(ProfileList.self, Nothing()).profiles.map(\.name.text) }
            .map { offer($0, prefix: prefix) } ?? []
    }

    /// Names that are none of ours might mean something to a shell.
    static func offer(_ names: [String], prefix: String) -> [String] {
        names.filter { $0.hasPrefix(prefix) && (try? AgentReference($0)) != nil }.sorted()
    }

    private static func answer<Value: Sendable>(
        _ words: [String], _ ask: @escaping @Sendable (SupervisorClient) async throws -> Value
    ) async -> Value? {
        guard
            let address = try? DaemonAddress(
                socket: option("--socket", in: words), host: option("--host", in: words),
                environment: ProcessInfo.processInfo.environment),
            // Of another machine's ssh might ask for a password, in the middle of a line.
            address.isLocal
        else { return nil }
        // By the process's end, since connecting to a daemon that takes nobody cannot be given up. What is offered is
        // printed after this returns, so nothing is until then.
        let giving = Task {
            try await Task.sleep(for: patience)
            _exit(0)
        }
        defer { giving.cancel() }
        return try? await address.withConnection(ask)
    }

    /// What the line says with an option, the last time.
    static func option(_ name: String, in words: [String]) -> String? {
        for (word, next) in zip(words, words.dropFirst() + [""]).reversed() {
            if word == name { return next }
            if word.hasPrefix("\(name)=") { return String(word.dropFirst(name.count + 1)) }
        }
        return nil
    }
}
