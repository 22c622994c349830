// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

@testable import supervisord

@Suite struct AdmissionTests {
    private func candidates(_ owners: [UInt32]) -> [Admission.Candidate] {
        owners.enumerated().map {
            .init(
                agent: AgentID(value: UInt128($0.offset + 1)), owner: $0.element,
                queuedAt: Timestamp(nanoseconds: Int64($0.offset)))
        }
    }

    private func order(_ limits: Admission.Limits, _ owners: [UInt32], running: [UInt32: Int] = [:]) -> ([Int], Int) {
        let (order, admitted) = Admission(limits: limits).order(candidates(owners), running: running)
        return (order.map { Int($0.value) }, admitted)
    }

    @Test("without limits everyone is admitted, in turn")
    func unlimited() {
        #expect(order(.init(), [1, 1, 2]) == ([1, 3, 2], 3))
    }

    @Test("whoever has the fewest running comes first, and of one owner's the one that waits longest")
    func fairness() {
        #expect(order(.init(running: 4), [1, 1, 1, 2, 2], running: [1: 2]) == ([4, 5, 1, 2, 3], 2))
        #expect(order(.init(running: 2), [1, 1, 2], running: [1: 1, 2: 1]) == ([1, 3, 2], 0))
    }

    @Test("an owner's limit keeps back that owner's agents only")
    func perOwner() {
        #expect(order(.init(perOwner: 1), [1, 1, 2]) == ([1, 3, 2], 2))
        #expect(order(.init(running: 3, perOwner: 2), [1, 1, 1, 1, 2]) == ([1, 5, 2, 3, 4], 3))
    }
}
