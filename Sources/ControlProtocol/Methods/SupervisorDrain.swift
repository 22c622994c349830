// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `supervisor/drain`: starts nothing new from here on; what waits goes on waiting. Answered when the last agent has
/// ended; what was begun goes on when the answer is given up. For administrators.
package enum SupervisorDrain: Method {
    package static let name = "supervisor/drain"
    package static let role = Role.admin

    package struct Params: Codable, Sendable, Hashable {
        /// False starts new agents again. Without it true.
        package var enabled: Bool?
        /// False answers at once.
        package var wait: Bool?

        package init(enabled: Bool? = nil, wait: Bool? = nil) {
            self.enabled = enabled
            self.wait = wait
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        package var draining: Bool
        /// How many agents have not ended.
        package var running: Int

        package init(draining: Bool, running: Int) {
            self.draining = draining
            self.running = running
        }
    }
}
