// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `supervisor/doctor`: what this host can and cannot do for agents, as the daemon finds it now.
public enum SupervisorDoctor: Method {
    public static let name = "supervisor/doctor"
    public static let role = Role.viewer
    public typealias Params = Nothing

    public struct Result: Codable, Sendable, Hashable {
        /// The most basic first.
        public var checks: [Check]

        public init(checks: [Check]) {
            self.checks = checks
        }

        public var hasProblem: Bool { checks.contains { $0.status == .problem } }
    }

    /// One thing that was looked at.
    public struct Check: Codable, Sendable, Hashable {
        /// For programs; always the same for the same thing.
        public var name: String
        public var status: Status
        /// What is there: a sentence for a person, as is the hint.
        public var found: String
        /// What mends it; nil where there is nothing to mend.
        public var hint: String?

        public init(name: String, status: Status, found: String, hint: String? = nil) {
            self.name = name
            self.status = status
            self.found = found
            self.hint = hint
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(status, forKey: .status)
            try container.encode(found, forKey: .found)
            try container.encode(hint, forKey: .hint)
        }
    }

    /// How it stands with it.
    public enum Status: String, Codable, Sendable, CaseIterable {
        case ok
        /// Some profiles cannot be had, or not whole.
        case warning
        /// Agents do not start.
        case problem
    }
}
