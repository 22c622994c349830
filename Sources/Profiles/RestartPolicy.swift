// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Whether and when an agent that has ended by itself is run again.
package struct RestartPolicy: Codable, Sendable, Equatable {
    package enum When: String, Codable, CaseIterable, Sendable {
        /// The default: to run an agent again repeats what it did.
        case never
        case onFailure = "on-failure"
        case always
    }

    package var when = When.never
    /// Milliseconds from an end to the next attempt: the first time, and at most.
    package var initial: Int64 = 1000
    package var max: Int64 = 60_000
    /// What the pause is multiplied by each time.
    package var factor = 2.0
    /// Up to this share of a pause is added to it at random, lest all that failed together start together.
    package var jitter = 0.2
    /// How many restarts there may be within `window`, in milliseconds; 0 is any number.
    package var limit = 5
    package var window: Int64 = 600_000
    /// An attempt that lasted so many milliseconds makes the next pause the first one again.
    package var resetAfter: Int64 = 600_000

    package init(when: When = .never) {
        self.when = when
    }

    /// Where a limit may lie: each restart within the window is remembered.
    package static let limits: ClosedRange<Int64> = 0...100
    package static let factors: ClosedRange<Double> = 1...10
    package static let jitters: ClosedRange<Double> = 0...1
}

/// What one file, or a request, says of restarts.
package struct RestartSection: Sendable, Equatable {
    package var when: RestartPolicy.When?
    package var initial: Int64?
    package var max: Int64?
    package var factor: Double?
    package var jitter: Double?
    package var limit: Int?
    package var window: Int64?
    package var resetAfter: Int64?

    package init() {}

    static func read(_ mapping: ConfigurationMapping) -> RestartSection {
        var section = RestartSection()
        section.when = mapping.choice("policy", of: RestartPolicy.When.self)?.value
        section.initial = mapping.positiveDuration("initial")?.value
        section.max = mapping.positiveDuration("max")?.value
        section.factor = mapping.decimal("factor", in: 1...10)
        section.jitter = mapping.decimal("jitter", in: 0...1)
        section.limit = mapping.integer("limit", in: RestartPolicy.limits).map { Int($0.value) }
        section.window = mapping.positiveDuration("window")?.value
        section.resetAfter = mapping.positiveDuration("reset_after")?.value
        return section
    }

    func layered(over base: RestartSection) -> RestartSection {
        var section = self
        section.when = when ?? base.when
        section.initial = initial ?? base.initial
        section.max = max ?? base.max
        section.factor = factor ?? base.factor
        section.jitter = jitter ?? base.jitter
        section.limit = limit ?? base.limit
        section.window = window ?? base.window
        section.resetAfter = resetAfter ?? base.resetAfter
        return section
    }

    var policy: RestartPolicy {
        var policy = RestartPolicy()
        policy.when = when ?? policy.when
        policy.initial = initial ?? policy.initial
        policy.max = Swift.max(max ?? policy.max, policy.initial)
        policy.factor = factor ?? policy.factor
        policy.jitter = jitter ?? policy.jitter
        policy.limit = limit ?? policy.limit
        policy.window = window ?? policy.window
        policy.resetAfter = resetAfter ?? policy.resetAfter
        return policy
    }
}
