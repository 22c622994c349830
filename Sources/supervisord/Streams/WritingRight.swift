// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Synchronization

/// What a subscription hears when another client takes over the writing to its agent.
final class WritingRight: Sendable {
    private let taken = Mutex<PeerIdentity?>(nil)

    func take(by writer: PeerIdentity) {
        taken.withLock { $0 = writer }
    }

    /// Who has taken it, once.
    func news() -> PeerIdentity? {
        taken.withLock { taken in
            defer { taken = nil }
            return taken
        }
    }
}
