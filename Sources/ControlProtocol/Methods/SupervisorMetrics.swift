// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `supervisor/metrics`: the daemon's own numbers, for a monitoring system. They are of the daemon as a whole, and name no
/// agent and no user. For administrators, and for those whom a rule lets see everyone's agents.
public enum SupervisorMetrics: Method {
    public static let name = "supervisor/metrics"
    public static let role = Role.viewer
    public typealias Params = Nothing

    public struct Result: Codable, Sendable, Hashable {
        /// In the text format of OpenMetrics 1.0 (`application/openmetrics-text; version=1.0.0`), up to `# EOF`. Counters
        /// count from the daemon's start.
        public var text: String

        public init(text: String) {
            self.text = text
        }
    }
}
