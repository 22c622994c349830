// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

extension Agent {
    /// The state in words, with its age: `running 3m`, `exited (1) 5m ago`.
    func stateText(at now: Timestamp) -> String {
        if let endedAt, state.isFinal {
            return "\(state.rawValue)\(exit.map { " (\($0.text))" } ?? "") \(endedAt.age(at: now)) ago"
        }
        if let nextAttemptAt, state == .backoff {
            return "backoff, again in \(now.age(at: nextAttemptAt))"
        }
        if let queuePosition, state == .queued { return "queued, place \(queuePosition)" }
        return "\(state.rawValue) \((startedAt ?? createdAt).age(at: now))"
    }

    /// What a shell would show as `$?` for it; 125 when it never ran or nobody knows, as of a jail that was not built.
    var exitCode: Int32 { exit?.shellStatus ?? ExitStatus.noCode.rawValue }
}

extension AgentExit {
    /// `0`, `SIGKILL`, and the reason where the code alone does not say it: `SIGKILL, out_of_memory`.
    var text: String {
        let status = code.map(String.init) ?? signal?.text
        let plain = reason == .exited || reason == .signaled
        return [status, plain ? nil : reason.rawValue].compactMap(\.self).joined(separator: ", ")
    }
}
