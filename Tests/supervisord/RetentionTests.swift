// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

@testable import supervisord

@Suite struct RetentionTests {
    private func ended(
        _ number: Int, at seconds: Int64, of owner: UInt32 = 1, bytes: UInt64 = 10, work: Bool = false
    ) -> Retention.Ended {
        .init(
            agent: AgentID(value: UInt128(number)), owner: owner,
            endedAt: Timestamp(nanoseconds: seconds * 1_000_000_000),
            bytes: bytes, holdsWork: work)
    }

    private func excess(_ retention: Retention, _ ended: [Retention.Ended], at seconds: Int64 = 1000) -> [Int] {
        retention.excess(of: ended, at: Timestamp(nanoseconds: seconds * 1_000_000_000)).map { Int($0.value) }
    }

    @Test("what is too old, too many or too much goes, the oldest first")
    func limits() {
        let all = [ended(3, at: 900), ended(1, at: 100), ended(2, at: 500)]
        #expect(excess(Retention(), all) == [])
        #expect(excess(Retention(age: .seconds(600)), all) == [1])
        #expect(excess(Retention(count: 1), all) == [1, 2])
        #expect(excess(Retention(count: 0), all) == [1, 2, 3])
        #expect(excess(Retention(bytes: 20), all) == [1])
        #expect(excess(Retention(bytes: 5), all) == [1, 2, 3])
    }

    @Test("of too many or too much goes what belongs to whoever has the most")
    func owners() {
        let precious = ended(1, at: 100, of: 7)
        let others = (2...7).map { ended($0, at: 200 + Int64($0), of: 8) }
        #expect(excess(Retention(count: 3), [precious] + others) == [2, 3, 4, 5])
        #expect(excess(Retention(bytes: 30), [precious] + others) == [2, 3, 4, 5])
    }

    @Test("work that nobody has looked at is never removed, and nothing has to make room for it")
    func work() {
        let all = [ended(1, at: 100, bytes: 1000, work: true), ended(2, at: 500)]
        #expect(excess(Retention(age: .seconds(1), count: 0), all) == [2])
        #expect(excess(Retention(bytes: 1000), all) == [])
    }

    @Test("a clock that was set back makes nothing old")
    func clock() {
        #expect(excess(Retention(age: .seconds(60)), [ended(1, at: 5000)], at: 100) == [])
    }
}
