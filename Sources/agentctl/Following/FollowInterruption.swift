// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Glibc
import SupervisorClient

/// What ctrl-c means to whoever follows an agent that they have started. The agent is not theirs to lose by a keystroke:
/// it goes on unless they say otherwise.
struct FollowInterruption: Sendable {
    let agent: Agent
    let address: DaemonAddress

    var hooks: Signals.Hooks {
        Signals.Hooks(release: {}, resume: {}, resized: {}, interrupted: { goesOnAfterAsking() })
    }

    enum Answer: Equatable {
        case detach
        case stop
        case follow

        /// Nil for what is no answer; none at all, as at the end of the input, is to detach.
        init?(_ line: String?) {
            switch line.map({ $0.filter { $0 != " " }.lowercased() }) {
            case nil, "", "d", "detach": self = .detach
            case "s", "stop": self = .stop
            case "f", "follow", "c", "continue": self = .follow
            default: return nil
            }
        }
    }

    /// Without a terminal nobody can be asked, and in the background what is typed is for somebody else: whoever reads it
    /// there is stopped (SIGTTIN).
    private func goesOnAfterAsking() -> Bool {
        let answer = tcgetpgrp(STDIN_FILENO) == getpgrp() && StandardError.isTerminal ? ask() : .detach
        switch answer {
        case .detach:
            StandardError.write("agentctl: \(agent.name) goes on; \(comeBack)")
            return false
        case .stop:
            // Its output's end, which is followed, says when it is over. In the middle of output no line can be erased.
            StandardError.write("agentctl: stopping \(agent.name)")
            Task { await stop() }
            return true
        case .follow: return true
        }
    }

    private var comeBack: String {
        let name = agent.name.text
        return agent.terminal == nil
            ? "\"agentctl logs --follow \(name)\" comes back" : "\"agentctl attach \(name)\" comes back"
    }

    private func ask() -> Answer {
        StatusLine.withTerminalToOneself {
            StandardStreams.endColours()
            while true {
                let question = "\nagentctl: Enter leaves \(agent.name) running, s stops it, f goes on following: "
                StandardError.writeUnchecked(Array(question.utf8))
                let line = Signals.readLine()
                if line == nil { StandardError.writeUnchecked([UInt8(ascii: "\n")]) }
                if let answer = Answer(line) { return answer }
            }
        }
    }

    private func stop() async {
        do {
            _ = try await address.withConnection {
                try await $0.call(AgentStop.self, .init(agent: AgentReference(agent.id)))
            }
        } catch {
            if let failure = Failure(error) { StandardError.report(failure) }
        }
    }
}
