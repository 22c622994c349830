// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `supervisor/doctor`: what this host can and cannot do for agents, as the daemon finds it now.
package enum SupervisorDoctor: Method {
    package static let name = "supervisor/doctor"
    package static let role = Role.viewer
    package typealias Params = Nothing

    package struct Result: Codable, Sendable, Hashable {
        /// The most basic first.
        package var checks: [Check]

        package init(checks: [Check]) {
            self.checks = checks
        }

        package var hasProblem: Bool { checks.contains { $0.status == .problem } }
    }

    package struct Check: Codable, Sendable, Hashable {
        /// For programs; always the same for the same thing.
        package var name: String
        package var status: Status
        /// What is there: a sentence for a person, as is the hint.
        package var found: String
        /// What mends it; nil where there is nothing to mend.
        package var hint: String?

        package init(name: String, status: Status, found: String, hint: String? = nil) {
            self.name = name
            self.status = status
            self.found = found
            self.hint = hint
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(status, forKey: .status)
            try container.encode(found, forKey: .found)
            try container.encode(hint, forKey: .hint)
        }
    }

    package enum Status: String, Codable, Sendable {
        case ok
        /// Some profiles cannot be had, or not whole.
        case warning
        /// Agents do not start.
        case problem
    }
}
