// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux
import OutputLog
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
        limits.pause(400, isDoubted: false)
        limits.pause(450, isDoubted: false)
        #expect(limits.next == nil && limits.due(5000) == nil)
        limits.resume(5400)
        limits.resume(6000)
        #expect(limits.next == 5500 && limits.due(5499) == nil)
        #expect(limits.due(5500) == .measure)
        limits.measured(0, 5500)
        #expect(limits.due(5999) == nil)
        #expect(limits.due(6000) == .signal(2))
        limits.pause(6010, isDoubted: false)
        #expect(limits.due(10_000) == nil)
        limits.resume(10_000)
        // Of the 50 ms that each signal is given, 40 are left.
        #expect(limits.due(10_039) == nil)
        #expect(limits.due(10_040) == .signal(15))
    }

    @Test("processor time that is used in a pause counts, where an agent can get out of it")
    func processorTimeInPause() {
        var limits = limits(cpu: 10_000, processors: 1)
        limits.start(0)
        limits.pause(0, isDoubted: true)
        limits.sampled(.init(), 0)
        #expect(limits.due(0) == .sample)
        #expect(limits.due(10_000) == .sample)
        #expect(limits.due(10_000) == .measure)
        limits.measured(10_000, 10_000)
        #expect(limits.cause == .cpuTime)
        #expect(limits.due(10_000) == .kill)
    }

    @Test("a command that is not executed in time is ended at once, one that is not ready by its signals")
    func start() {
        var never = TimeLimits(.init(start: 100, grace: 100, stopSignals: [2]), processors: 1)
        never.begin(50)
        #expect(never.next == 150 && never.due(149) == nil)
        #expect(never.due(150) == .kill)
        #expect(never.cause == .startTime)
        var unready = TimeLimits(.init(start: 100, grace: 100, stopSignals: [2]), processors: 1)
        unready.begin(50)
        unready.start(60, isReady: false)
        #expect(unready.next == 150)
        #expect(unready.due(150) == .signal(2))
        #expect(unready.cause == .startTime)
        var ready = TimeLimits(.init(start: 100), processors: 1)
        ready.begin(50)
        ready.start(60, isReady: false)
        ready.becomeReady()
        #expect(ready.next == nil && ready.due(1000) == nil)
        var plain = TimeLimits(.init(start: 100), processors: 1)
        plain.begin(50)
        plain.start(60)
        #expect(plain.next == nil)
    }

    @Test("one that does nothing is ended when it has done so for long enough, and not before a look at it")
    func idle() {
        var limits = TimeLimits(.init(idle: 8000, grace: 100, stopSignals: [2]), processors: 1)
        limits.start(0)
        #expect(limits.due(0) == .sample)
        limits.sampled(.init(processorTime: 5), 0)
        #expect(limits.next == 1000)
        #expect(limits.due(60_000) == .sample)
        // No answer, no end.
        #expect(limits.due(60_000) == nil && limits.cause == nil)
        limits.touch(55_000)
        limits.sampled(.init(processorTime: 6), 60_000)
        #expect(limits.cause == nil)
        #expect(limits.due(63_000) == .sample)
        limits.sampled(.init(processorTime: 7), 63_000)
        #expect(limits.cause == .idle)
        #expect(limits.due(63_000) == .signal(2))
    }

    @Test("a stop that nobody else has carried out takes all its signals")
    func stop() {
        var limits = limits()
        limits.start(0)
        limits.stop(500)
        #expect(limits.due(500) == .signal(2) && limits.cause == .stopped)
        limits.stop(501)
        #expect(limits.due(550) == .signal(15))
        #expect(limits.due(600) == .kill)
    }

    @Test("an agent that got out of its pause gains no time by it")
    func doubtedPause() {
        var limits = limits(wall: 10_000)
        limits.start(0)
        limits.pause(1000, isDoubted: true)
        #expect(limits.due(1000) == .sample)
        limits.sampled(.init(processorTime: 100), 1000)
        #expect(limits.next == 3000)
        // Stopped: nothing is used, and nothing counts.
        limits.sampled(.init(processorTime: 100), 60_000)
        limits.resume(61_000)
        #expect(limits.next == 70_000)
        limits.pause(62_000, isDoubted: true)
        limits.sampled(.init(processorTime: 100), 62_000)
        // It works.
        limits.sampled(.init(processorTime: 101), 66_000)
        #expect(limits.cause == nil)
        limits.sampled(.init(processorTime: 102), 70_000)
        #expect(limits.cause == .wallTime)
        #expect(limits.due(70_000) == .kill)
    }
}

@Suite struct IdleWatchTests {
    /// Whether an agent counts as idle after its first sample at 0 and one at 10 s, with a limit of 10 s.
    private func isIdle(
        from first: ProcessActivity = .init(), _ second: ProcessActivity, seesOutput: Bool = true
    ) -> Bool {
        var watch = IdleWatch(limit: 10_000, seesOutput: seesOutput, 0)
        _ = watch.sampled(first, 0)
        return watch.sampled(second, 10_000)
    }

    @Test("work, I/O, new processes and requests under way are no idleness; the little that waiting takes is")
    func activity() {
        #expect(isIdle(.init()))
        #expect(isIdle(.init(processorTime: 99_000, bytes: 9000)))
        #expect(!isIdle(.init(processorTime: 101_000)))
        #expect(!isIdle(.init(bytes: 11_000)))
        #expect(!isIdle(.init(youngest: 1)))
        #expect(!isIdle(.init(waits: true)))
        // Where output does not pass through the keeper, any byte may be some.
        #expect(!isIdle(.init(bytes: 1), seesOutput: false))
        // A process that has ended takes its share out of the sums.
        #expect(isIdle(from: .init(processorTime: 500, bytes: 500, youngest: 7), .init()))
    }

    @Test("output and input begin the time anew, and time that does not count does not")
    func touches() {
        var watch = IdleWatch(limit: 10_000, seesOutput: true, 0)
        func isIdle(_ now: Int64) -> Bool { watch.sampled(.init(), now) }
        #expect(!isIdle(0))
        watch.touch(5000)
        #expect(!isIdle(14_999))
        watch.shift(by: 1000)
        #expect(!isIdle(15_999))
        #expect(isIdle(16_000))
    }
}

@Suite struct ReadinessWatchTests {
    private func isMet(_ sign: JailPlan.Readiness.Sign, _ pieces: [String]) -> Bool {
        var watch = ReadinessWatch(.init(sign: sign))
        for piece in pieces { watch.take(Array(piece.utf8), .tty) }
        return watch.isMet
    }

    @Test("the first output is a sign, a line that matches is, and so is a prompt without an end")
    func signs() {
        #expect(isMet(.output, ["x"]))
        #expect(!isMet(.output, [""]))
        #expect(isMet(.line(pattern: "*listening on ?*"), ["noise\r\nserver liste", "ning on 80\r\n"]))
        #expect(!isMet(.line(pattern: "listening"), ["not listening\n"]))
        #expect(isMet(.line(pattern: "> "), ["welcome\n> "]))
        #expect(isMet(.line(pattern: "a*b*c"), ["xx\naXbXbXc\n"]))
        #expect(!isMet(.line(pattern: "a*b*c"), ["aXbX\n"]))
    }

    @Test("a JSON line with the members is a sign, whatever else it has")
    func json() {
        let sign = JailPlan.Readiness.Sign.json(members: ["type": "thread.started", "id": "0", "result": "*"])
        #expect(isMet(sign, [#"{"id":0,"type":"thread.started","result":{"a":[1]},"x":null}"#, "\n"]))
        #expect(!isMet(sign, [#"{"id":0,"type":"thread.started"}"#, "\n"]))
        #expect(!isMet(sign, [#"{"id":1,"type":"thread.started","result":1}"#, "\n"]))
        #expect(!isMet(sign, ["[]\n", "{\n", "{}\n", "\u{0}\n"]))
    }

    @Test("lines without end, of any bytes, cost no more than the longest line and hide nothing that follows")
    func hostile() {
        var watch = ReadinessWatch(.init(sign: .line(pattern: "*" + String(repeating: "a*", count: 20) + "b")))
        for _ in 0..<64 { watch.take([UInt8](repeating: UInt8(ascii: "a"), count: 4096), .stdout) }
        #expect(!watch.isMet)
        watch.take(Array("\n".utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: 20) + Array("b\n".utf8), .stdout)
        #expect(watch.isMet)
    }

    @Test("what one stream has begun another does not end")
    func streams() {
        var watch = ReadinessWatch(.init(sign: .line(pattern: "ready")))
        watch.take(Array("rea".utf8), .stdout)
        watch.take(Array("dy\n".utf8), .stderr)
        #expect(!watch.isMet)
        watch.take(Array("dy\n".utf8), .stdout)
        #expect(watch.isMet)
    }
}
