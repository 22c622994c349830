// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import SupervisorClient

/// Waits for a daemon that has gone away, say for an upgrade. Agents do not notice, so whoever watches one goes on where
/// it stopped.
struct Patience {
    /// How long a daemon may be away.
    static let limit = Duration.seconds(60)

    /// Whether there has been a daemon at all: one that was never there is not waited for.
    private var isKnown: Bool
    private var deadline: ContinuousClock.Instant?
    /// Tells the user what is waited for.
    private let say: @Sendable (String) -> Void

    init(isKnown: Bool, say: @escaping @Sendable (String) -> Void = { StandardError.write("agentctl: \($0)") }) {
        self.isKnown = isKnown
        self.say = say
    }

    /// To be called when the daemon answers.
    mutating func met() {
        isKnown = true
        deadline = nil
    }

    /// Returns when it is time to try again. Throws the error when that would not help or has gone on for too long.
    mutating func wait(after error: any Error) async throws {
        switch (error as? ClientError)?.kind {
        case .connectionLost: break
        case .noDaemon where isKnown: break
        default: throw error
        }
        isKnown = true
        if deadline == nil {
            say("the daemon is gone, agents run on; waiting for the daemon")
        }
        let limit = deadline ?? ContinuousClock.now + Self.limit
        deadline = limit
        guard ContinuousClock.now < limit else { throw error }
        try await Task.sleep(for: .milliseconds(500))
    }
}
