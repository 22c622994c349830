// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import ShimProtocol
import Testing

@testable import jail

/// Time limits without a clock: moments are milliseconds.
@Suite struct TimeLimitsTests {
    private func limits(
        wall: Int64? = nil, cpu: Int64? = nil, grace: Int64 = 100, signals: [Int32] = [2, 15], processors: Int = 2
    ) -> TimeLimits {
        TimeLimits(.init(wall: wall, cpu: cpu, grace: grace, stopSignals: signals), processors: processors)
    }

    @Test("nothing runs out before the command has been executed, or without a limit")
    func nothing() {
        var limits = limits(wall: 10)
        #expect(limits.next == nil)
        #expect(limits.due(1_000_000) == nil)
        limits = self.limits()
        limits.start(0)
        #expect(limits.next == nil)
        #expect(limits.due(1_000_000) == nil)
        #expect(limits.cause == nil)
    }

    @Test("when the time is over the stop signals share the grace, and then everything ends")
    func wall() {
        var limits = limits(wall: 1000)
        limits.start(5000)
        // A second start is none: the time goes on.
        limits.start(5500)
        #expect(limits.next == 6000)
        #expect(limits.due(5999) == nil)
        #expect(limits.due(6000) == .signal(2))
        #expect(limits.cause == .wallTime)
        #expect(limits.due(6000) == nil)
        #expect(limits.next == 6050)
        #expect(limits.due(6050) == .signal(15))
        #expect(limits.next == 6100)
        #expect(limits.due(6100) == .kill)
        #expect(limits.next == nil)
        #expect(limits.due(9000) == nil)
    }

    @Test("a machine that slept through it all ends the command at once, with all that was due")
    func suspended() {
        var limits = limits(wall: 1000)
        limits.start(0)
        #expect(limits.due(100_000) == .signal(2))
        #expect(limits.next == 100_050)
    }

    @Test(
        "without grace or signals the end comes at once", arguments: [(0, [2, 15]), (100, [])] as [(Int64, [Int32])])
    func noGrace(grace: Int64, signals: [Int32]) {
        var limits = limits(wall: 10, grace: grace, signals: signals)
        limits.start(0)
        #expect(limits.due(10) == .kill)
        #expect(limits.cause == .wallTime)
    }

    @Test("processor time is looked at no later than it can be used up by all processors at once")
    func processorTime() {
        var limits = limits(cpu: 10_000, processors: 4)
        limits.start(0)
        #expect(limits.next == 2500)
        #expect(limits.due(2500) == .measure)
        limits.measured(6000, 2500)
        #expect(limits.next == 3500)
        #expect(limits.due(3499) == nil)
        #expect(limits.due(3500) == .measure)
        limits.measured(10_000, 3500)
        #expect(limits.cause == .cpuTime)
        #expect(limits.due(3500) == .signal(2))
    }

    @Test("an answer that does not come is asked for again, and very little that is left is no busy loop")
    func noAnswer() {
        var limits = limits(cpu: 100, processors: 1)
        limits.start(0)
        #expect(limits.due(100) == .measure)
        #expect(limits.due(100) == nil)
        #expect(limits.next == 1100)
        #expect(limits.due(1100) == .measure)
        limits.measured(99, 1100)
        #expect(limits.next == 1120)
    }

    @Test("with both limits the first that is reached is the cause, and stays it")
    func both() {
        var limits = limits(wall: 1000, cpu: 500, processors: 1)
        limits.start(0)
        #expect(limits.due(1000) == .signal(2))
        #expect(limits.cause == .wallTime)
        limits.measured(9999, 1001)
        #expect(limits.cause == .wallTime)
    }

    @Test("while the jail is paused no time goes by")
    func pause() {
        var limits = limits(wall: 1000, cpu: 500, processors: 1)
        limits.start(0)
        limits.pause(400)
        limits.pause(450)
        #expect(limits.next == nil && limits.due(5000) == nil)
        limits.resume(5400)
        limits.resume(6000)
        #expect(limits.next == 5500 && limits.due(5499) == nil)
        #expect(limits.due(5500) == .measure)
        limits.measured(0, 5500)
        #expect(limits.due(5999) == nil)
        #expect(limits.due(6000) == .signal(2))
        limits.pause(6010)
        #expect(limits.due(10_000) == nil)
        limits.resume(10_000)
        // Of the 50 ms that each signal is given, 40 are left.
        #expect(limits.due(10_039) == nil)
        #expect(limits.due(10_040) == .signal(15))
    }
}
