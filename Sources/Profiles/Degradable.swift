// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// What a profile's `degrade` may name: something that a poorer host cannot give, and without which the jail may be
/// built all the same.
package struct Degradable: Sendable {
    package let name: String
    /// Whether a plan asks for it, so that going without is a loss.
    package let isAsked: @Sendable (JailPlan) -> Bool

    package static let all: [Degradable] = [
        .init("limits.memory") { $0.resources.memory != nil },
        .init("limits.memory_high") { $0.resources.memoryHigh != nil },
        .init("limits.swap") { $0.resources.swap != nil },
        .init("limits.cpu") { $0.resources.processors != nil },
        .init("limits.cpu_weight") { $0.resources.processorWeight != nil },
        .init("limits.pids") { $0.resources.processes != nil },
        .init("limits.io") { !$0.resources.io.isEmpty },
        .init("limits.io_weight") { $0.resources.ioWeight != nil },
        .init("limits.cgroup") { !$0.resources.other.isEmpty },
        .init("timeouts.wall") { $0.timeouts.wall != nil },
        .init("timeouts.cpu") { $0.timeouts.cpu != nil },
        .init("timeouts.idle") { $0.timeouts.idle != nil },
        .init("timeouts.start") { $0.timeouts.start != nil },
        .init("landlock") { _ in true },
        .init("network.ports") { $0.ports != nil },
        .init("process.nice") { $0.scheduling.nice != nil },
        .init("process.oom_score_adj") { $0.scheduling.oomScoreAdjustment != nil },
        .init("process.io_priority") { $0.scheduling.ioPriority != nil },
        .init("process.cpus") { $0.scheduling.processors != nil || $0.scheduling.processorCount != nil },
        .init("process.core_scheduling") { $0.scheduling.coreScheduling },
        .init("clocks") { $0.clockOffsets != nil },
        .init("identity") { $0.identity.outside != nil },
        .init("users.subordinate") { !$0.identity.users.isEmpty },
        .init("protect") { $0.filesystem.contains { $0.kind == .protected } },
    ]

    static let names = all.map(\.name)

    private init(_ name: String, _ isAsked: @escaping @Sendable (JailPlan) -> Bool) {
        self.name = name
        self.isAsked = isAsked
    }
}
