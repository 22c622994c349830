// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `supervisor/drain`: starts nothing new from here on; what waits goes on waiting. Answered when the last agent has
/// ended; what was begun goes on when the answer is given up. For administrators.
public enum SupervisorDrain: Method {
    public static let name = "supervisor/drain"
    public static let role = Role.admin
    public static let errors: [ProtocolError.Kind] = [.cancelled]

    public struct Params: Codable, Sendable, Hashable {
        /// False starts new agents again. Without it true.
        public var enabled: Bool?
        /// False answers at once.
        public var wait: Bool?

        public init(enabled: Bool? = nil, wait: Bool? = nil) {
            self.enabled = enabled
            self.wait = wait
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// Nothing new is started.
        public var draining: Bool
        /// How many agents have not ended.
        public var running: Int

        public init(draining: Bool, running: Int) {
            self.draining = draining
            self.running = running
        }
    }
}
