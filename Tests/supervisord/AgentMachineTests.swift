// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Profiles
import ShimProtocol
import Testing

@testable import supervisord

/// Moments are milliseconds.
@Suite struct AgentMachineTests {
    private typealias Machine = AgentMachine

    private func machine(
        _ state: AgentState, ending: AgentMachine.Ending? = nil, signals: [Int32] = [2, 15],
        restart: RestartPolicy = .init()
    ) -> AgentMachine {
        AgentMachine(
            state: state, desired: state == .stopping ? .stopped : .running, ending: ending, stopSignals: signals,
            restart: restart)
    }

    private func exit(_ code: Int32 = 0, _ reason: ExitReason = .exited) -> AgentExit {
        AgentExit(code: code, signal: nil, reason: reason)
    }

    private func ended(_ exit: AgentExit, at now: Int64 = 0, chance: Double = 0) -> AgentMachine.Input {
        .ended(exit, at: now, chance: chance)
    }

    private func failed(passing: Bool, at now: Int64 = 0) -> AgentMachine.Input {
        .failed(.init(message: "no", isPassing: passing), at: now, chance: 0)
    }

    private func policy(_ when: RestartPolicy.When, _ change: (inout RestartPolicy) -> Void = { _ in }) -> RestartPolicy
    {
        var policy = RestartPolicy(when: when)
        change(&policy)
        return policy
    }

    // MARK: - The way through a life

    @Test("an agent is started, runs, becomes ready and ends")
    func life() {
        var machine = AgentMachine(stopSignals: [2])
        #expect(machine.state == .starting && machine.progress.attempt == 1)
        #expect(machine.handle(.launched(at: 5, isReady: false)) == [.event(.agentStarted)])
        #expect(machine.state == .running && !machine.progress.isReady)
        #expect(machine.handle(.ready) == [.event(.agentReady)])
        #expect(machine.handle(.ready) == [])
        #expect(machine.progress.isReady)
        #expect(machine.handle(ended(exit(3))) == [.event(.agentExited)])
        #expect(machine.state == .exited && !machine.progress.isReady)
        #expect(machine.progress.ends.map(\.attempt) == [1])
    }

    @Test("one that waits for room is started when it is admitted, and not before")
    func queue() {
        var machine = AgentMachine(isQueued: true, stopSignals: [2])
        #expect(machine.state == .queued && machine.progress.attempt == 0 && !machine.holdsPlace)
        #expect(machine.handle(.due) == [])
        #expect(machine.handle(.admitted) == [.event(.agentStarting), .launch])
        #expect(machine.state == .starting && machine.progress.attempt == 1 && machine.holdsPlace)
    }

    @Test("one that waits can be stopped at once", arguments: [AgentMachine.Input.stop(grace: .seconds(5)), .kill])
    func endWaiting(input: AgentMachine.Input) {
        var queued = AgentMachine(isQueued: true, stopSignals: [2])
        #expect(queued.handle(input) == [.event(.agentExited)])
        #expect(queued.state == .exited && queued.desired == .stopped)
        var backoff = machine(.running, restart: policy(.always))
        _ = backoff.handle(ended(exit()))
        #expect(backoff.state == .backoff)
        #expect(backoff.handle(input) == [.event(.agentStopping), .event(.agentExited)])
        #expect(backoff.state == .exited && backoff.progress.due == nil)
        #expect(backoff.handle(.due) == [])
    }

    @Test("pausing and resuming are the shim's word, and fit only a running agent")
    func pause() {
        var machine = machine(.running)
        #expect(machine.handle(.resumed) == [])
        #expect(machine.handle(.paused) == [.event(.agentPaused)])
        #expect(machine.state == .paused && machine.holdsPlace)
        #expect(machine.handle(.paused) == [])
        #expect(machine.handle(.resumed) == [.event(.agentResumed)])
        #expect(machine.state == .running)
        var starting = self.machine(.starting)
        #expect(starting.handle(.paused) == [])
    }

    @Test("a paused agent that is stopped goes on first, so that it can hear; one that is killed does not")
    func stopPaused() {
        var asked = machine(.paused)
        #expect(
            asked.handle(.stop(grace: .seconds(10))) == [
                .event(.agentStopping), .resume, .tellStopping(within: .seconds(10)), .signal(2),
                .wake(after: .seconds(5), step: 0),
            ])
        var killed = machine(.paused)
        #expect(killed.handle(.kill) == [.event(.agentStopping), .kill(.killed)])
    }

    // MARK: - Stops

    @Test("a stop gives each signal an equal share of the grace and then ends everything")
    func stopSequence() {
        var machine = machine(.running)
        #expect(
            machine.handle(.stop(grace: .seconds(10))) == [
                .event(.agentStopping), .tellStopping(within: .seconds(10)), .signal(2),
                .wake(after: .seconds(5), step: 0),
            ])
        #expect(machine.state == .stopping)
        #expect(machine.desired == .stopped)
        #expect(
            machine.handle(.graceOver(step: 0)) == [
                .tellStopping(within: .seconds(5)), .signal(15), .wake(after: .seconds(5), step: 1),
            ])
        #expect(machine.handle(.graceOver(step: 1)) == [.kill(.stopped)])
        #expect(machine.handle(ended(exit(0, .stopped))) == [.event(.agentExited)])
        #expect(machine.state == .exited)
        #expect(machine.ending == nil)
    }

    @Test("a grace timer of a step that is over changes nothing")
    func lateTimer() {
        var machine = machine(.running)
        _ = machine.handle(.stop(grace: .seconds(10)))
        _ = machine.handle(.graceOver(step: 0))
        let before = machine
        #expect(machine.handle(.graceOver(step: 0)) == [])
        #expect(machine == before)
    }

    @Test("a stop without grace, or before the agent runs, is a kill whose cause is the stop")
    func stopAtOnce() {
        var running = machine(.running)
        #expect(running.handle(.stop(grace: .zero)) == [.event(.agentStopping), .kill(.stopped)])
        var starting = machine(.starting)
        #expect(starting.handle(.stop(grace: .seconds(9))) == [.event(.agentStopping), .kill(.stopped)])
        var silent = machine(.running, signals: [])
        #expect(silent.handle(.stop(grace: .seconds(9))) == [.event(.agentStopping), .kill(.stopped)])
    }

    @Test("a kill overtakes a stop, once")
    func killDuringStop() {
        var machine = machine(.running)
        _ = machine.handle(.stop(grace: .seconds(10)))
        #expect(machine.handle(.kill) == [.kill(.killed)])
        #expect(machine.handle(.kill) == [])
        #expect(machine.handle(.graceOver(step: 0)) == [])
        #expect(machine.handle(.stop(grace: .seconds(1))) == [])
        #expect(machine.ending == .forced(.killed))
    }

    @Test("a daemon that finds a stopping agent goes on where the stop was")
    func resumedStop() {
        var asked = machine(.stopping, ending: .asked(grace: .seconds(4), step: 1))
        #expect(
            asked.handle(.connected) == [
                .tellStopping(within: .seconds(2)), .signal(15), .wake(after: .seconds(2), step: 1),
            ])
        var forced = machine(.stopping, ending: .forced(.killed))
        #expect(forced.handle(.connected) == [.kill(.killed)])
        var running = machine(.running)
        #expect(running.handle(.connected) == [])
    }

    @Test("an agent that is asked to stop before it runs does not become running")
    func launchedWhileStopping() {
        var machine = machine(.starting)
        _ = machine.handle(.kill)
        #expect(machine.handle(.launched(at: 0, isReady: true)) == [])
        #expect(machine.state == .stopping)
    }

    @Test("nothing but a restart leads out of a final state", arguments: [AgentState.exited, .failed])
    func finalStates(state: AgentState) {
        let inputs: [AgentMachine.Input] = [
            .admitted, .launched(at: 0, isReady: true), .ready, .paused, .resumed, failed(passing: true), ended(exit()),
            .stop(grace: .seconds(1)), .kill, .graceOver(step: 0), .due, .connected,
        ]
        for input in inputs {
            var machine = machine(state, restart: policy(.always))
            let before = machine
            #expect(machine.handle(input) == [], "\(input)")
            #expect(machine == before)
        }
        var machine = machine(state)
        #expect(machine.handle(.restart(grace: .zero)) == [.event(.agentRestarting), .queue])
        #expect(machine.state == .queued && machine.desired == .running)
    }

    // MARK: - Restarts

    @Test(
        "a policy says after which ends an agent is run again",
        arguments: [
            (ExitReason.exited, 0 as Int32, [.always]), (.exited, 1, [.onFailure, .always]),
            (.signaled, 1, [.onFailure, .always]), (.outOfMemory, 1, [.onFailure, .always]),
            (.idle, 0, [.onFailure, .always]), (.startTime, 0, [.onFailure, .always]),
            (.seccomp, 1, [.onFailure, .always]), (.lost, 1, [.onFailure, .always]), (.wallTime, 0, []),
            (.cpuTime, 0, []), (.killed, 1, []), (.stopped, 0, []),
        ] as [(ExitReason, Int32, [RestartPolicy.When])])
    func policies(reason: ExitReason, code: Int32, restarting: [RestartPolicy.When]) {
        for when in RestartPolicy.When.allCases {
            var machine = machine(.running, restart: policy(when))
            let effects = machine.handle(ended(exit(code, reason), at: 100))
            #expect((machine.state == .backoff) == restarting.contains(when), "\(reason) \(when)")
            #expect(effects.contains(.wakeAt(1100)) == restarting.contains(when))
        }
    }

    @Test("pauses grow by the factor up to the longest, with as much added as chance says")
    func pauses() {
        let policy = policy(.always) { policy in
            policy.limit = 0
            policy.max = 5000
            policy.jitter = 0.5
        }
        var machine = machine(.starting, restart: policy)
        var pauses: [Int64] = []
        for _ in 0..<5 {
            _ = machine.handle(.launched(at: 0, isReady: true))
            _ = machine.handle(ended(exit(1), at: 0))
            pauses.append(machine.progress.due ?? -1)
            #expect(machine.handle(.due) == [.queue])
            #expect(machine.handle(.admitted) == [.event(.agentStarting), .launch])
        }
        #expect(pauses == [1000, 2000, 4000, 5000, 5000])
        #expect(machine.progress.attempt == 6 && machine.progress.restarts == 5)
        #expect(policy.pause(after: 0, chance: 1) == 1500)
        #expect(policy.pause(after: 1, chance: 0.5) == 2500)
        #expect(policy.pause(after: .max, chance: 1) == policy.longestPause)
    }

    @Test("an attempt that lasted long enough makes the next pause the first again")
    func reset() {
        var machine = machine(.starting, restart: policy(.always) { $0.resetAfter = 10_000 })
        for (began, end, pause) in [(0, 1, 1000), (2000, 2001, 2000), (5000, 15_000, 1000), (20_000, 20_001, 2000)]
            as [(Int64, Int64, Int64)]
        {
            _ = machine.handle(.launched(at: began, isReady: true))
            _ = machine.handle(ended(exit(1), at: end))
            #expect(machine.progress.due == end + pause)
            _ = machine.handle(.due)
            _ = machine.handle(.admitted)
        }
    }

    @Test("beyond the limit within the window it has failed, with the last ends for a reason")
    func limit() {
        var machine = machine(.starting, restart: policy(.onFailure) { $0.limit = 2 })
        for code in 1...3 as ClosedRange<Int32> {
            _ = machine.handle(.launched(at: 0, isReady: true))
            let effects = machine.handle(ended(exit(code), at: Int64(code) * 1000))
            if code < 3 {
                #expect(machine.state == .backoff)
                _ = machine.handle(.due)
                _ = machine.handle(.admitted)
                continue
            }
            #expect(machine.state == .failed)
            #expect(effects.contains(.event(.agentFailed)))
            let reasons = effects.compactMap { effect in if case .giveUp(let why) = effect { why } else { nil } }
            #expect(reasons.count == 1)
            #expect(reasons.first?.hasSuffix("the last ends: exited with 1, exited with 2, exited with 3") == true)
        }
        // By request it begins with a clean slate.
        #expect(machine.handle(.restart(grace: .zero)) == [.event(.agentRestarting), .queue])
        _ = machine.handle(.admitted)
        _ = machine.handle(.launched(at: 3001, isReady: true))
        _ = machine.handle(ended(exit(4), at: 3002))
        #expect(machine.state == .backoff && machine.progress.restarts == 1)
    }

    @Test("ends from outside the window, or from before the machine started anew, do not count")
    func window() {
        let limited = policy(.always) { policy in
            policy.limit = 1
            policy.window = 1000
        }
        var machine = machine(.starting, restart: limited)
        // The clock begins again after the third.
        for now in [5000, 7000, 9000, 100, 2000] as [Int64] {
            _ = machine.handle(.launched(at: now, isReady: true))
            _ = machine.handle(ended(exit(1), at: now))
            #expect(machine.state == .backoff, "at \(now)")
            _ = machine.handle(.due)
            _ = machine.handle(.admitted)
        }
    }

    @Test("a start that failed for a passing reason is tried again where there is a policy, any other is final")
    func failedStarts() {
        var never = machine(.starting)
        #expect(never.handle(failed(passing: true)) == [.event(.agentFailed), .giveUp("no")])
        #expect(never.state == .failed)
        var again = machine(.starting, restart: policy(.onFailure))
        #expect(again.handle(failed(passing: true, at: 7)) == [.event(.agentBackoff), .wakeAt(1007)])
        #expect(again.state == .backoff)
        var hopeless = machine(.starting, restart: policy(.always))
        #expect(hopeless.handle(failed(passing: false)) == [.event(.agentFailed), .giveUp("no")])
        var late = machine(.running)
        #expect(late.handle(ended(exit(0, .startTime))).first == .event(.agentFailed))
        #expect(late.state == .failed)
    }

    @Test("a restart of a running agent stops it, and runs it again whatever the policy")
    func restartRunning() {
        var machine = machine(.running)
        #expect(
            machine.handle(.restart(grace: .seconds(4))) == [
                .event(.agentStopping), .tellStopping(within: .seconds(4)), .signal(2),
                .wake(after: .seconds(2), step: 0),
            ])
        #expect(machine.state == .stopping && machine.desired == .running)
        #expect(
            machine.handle(ended(exit(0, .stopped))) == [.event(.agentExited), .event(.agentRestarting), .queue])
        #expect(machine.state == .queued)
    }

    @Test("a stop that comes during a restart takes it back, and a restart during a stop takes that back")
    func restartAndStop() {
        var stopped = machine(.running)
        _ = stopped.handle(.restart(grace: .seconds(4)))
        #expect(stopped.handle(.stop(grace: .seconds(4))) == [])
        #expect(stopped.handle(ended(exit(0, .stopped))) == [.event(.agentExited)])
        #expect(stopped.state == .exited && stopped.desired == .stopped)
        var restarted = machine(.running)
        _ = restarted.handle(.stop(grace: .seconds(4)))
        #expect(restarted.handle(.restart(grace: .seconds(4))) == [])
        _ = restarted.handle(ended(exit(0, .stopped)))
        #expect(restarted.state == .queued && restarted.desired == .running)
    }

    @Test("no input ever crashes it, makes it run twice or leaves it between states")
    func anything() {
        let inputs: [AgentMachine.Input] = [
            .admitted, .launched(at: 1, isReady: false), .ready, .paused, .resumed, failed(passing: true),
            failed(passing: false), ended(exit(1)), ended(exit(0)), .stop(grace: .seconds(1)), .stop(grace: .zero),
            .kill,
            .graceOver(step: 0), .graceOver(step: 1), .restart(grace: .seconds(1)), .due, .connected,
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var machine = AgentMachine(
                isQueued: .random(), stopSignals: [2, 15],
                restart: policy(.allCases.randomElement(using: &random) ?? .never))
            for _ in 0..<200 {
                let before = machine
                let input = inputs.randomElement(using: &random) ?? .kill
                let effects = machine.handle(input)
                #expect((machine.ending != nil) == (machine.state == .stopping))
                #expect((machine.progress.due != nil) == (machine.state == .backoff))
                #expect(effects.contains(.launch) == (before.state == .queued && machine.state == .starting))
                // Only where nothing of the attempt before can be left does the next one begin.
                if machine.progress.attempt > before.progress.attempt { #expect(before.state == .queued) }
                if before.holdsPlace, !machine.holdsPlace {
                    let isEnd = if case .ended = input { true } else if case .failed = input { true } else { false }
                    #expect(isEnd, "\(before.state) \(input)")
                }
            }
        }
    }

    @Test("the drawing in the documentation has every change of state that there is, and no other")
    func drawing() throws {
        let inputs: [AgentMachine.Input] = [
            .admitted, .launched(at: 1, isReady: false), .ready, .paused, .resumed, failed(passing: true),
            failed(passing: false), ended(exit(1)), ended(exit(0)), ended(exit(0, .startTime)),
            .stop(grace: .seconds(1)),
            .kill, .graceOver(step: 0), .restart(grace: .seconds(1)), .due, .connected,
        ]
        var changes: Set<String> = []
        for when in RestartPolicy.When.allCases {
            for limit in [1, 5] {
                // Every machine that some inputs lead to, as far as it matters: where it stands and what it is to do.
                var seen: Set<String> = []
                var open = [true, false].map { isQueued in
                    AgentMachine(isQueued: isQueued, stopSignals: [2], restart: policy(when) { $0.limit = limit })
                }
                while let machine = open.popLast() {
                    let ends = machine.progress.ends(since: -1, until: 1).count
                    let key = "\(machine.state) \(machine.desired) \(machine.progress.isToRestart) \(min(ends, 6))"
                    guard seen.insert(key).inserted else { continue }
                    for input in inputs {
                        var next = machine
                        _ = next.handle(input)
                        if next.state != machine.state {
                            changes.insert("\(machine.state.rawValue) --> \(next.state.rawValue)")
                        }
                        open.append(next)
                    }
                }
            }
        }
        let page = try String(contentsOfFile: TestDaemon.repository + "/docs/lifecycle.md", encoding: .utf8)
        let drawn = page.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
            .filter { $0.contains(" --> ") && !$0.hasPrefix("[*]") }
            .map { String($0.prefix { $0 != ":" }) }
        #expect(Set(drawn).count == drawn.count)
        #expect(Set(drawn) == changes, "\(Set(drawn).symmetricDifference(changes).sorted())")
    }

    @Test("exit records become the protocol's reasons")
    func reasons() {
        func reason(_ outcome: ExitRecord.Outcome, _ cause: ExitRecord.Cause?) -> AgentExit {
            AgentExit(ExitRecord(outcome: outcome, cause: cause, endedAt: 0, outputEnd: 0))
        }
        #expect(reason(.exited(code: 3), nil) == AgentExit(code: 3, signal: nil, reason: .exited))
        #expect(reason(.exited(code: 0), .stopped) == AgentExit(code: 0, signal: nil, reason: .stopped))
        #expect(reason(.signaled(number: 9), .killed) == AgentExit(code: nil, signal: .kill, reason: .killed))
        #expect(reason(.signaled(number: 11), nil).reason == .signaled)
        #expect(reason(.signaled(number: 31), nil).reason == .seccomp)
        #expect(reason(.signaled(number: 24), nil).reason == .cpuTime)
        #expect(reason(.signaled(number: 9), .outOfMemory).reason == .outOfMemory)
        #expect(reason(.exited(code: 0), .wallTime) == AgentExit(code: 0, signal: nil, reason: .wallTime))
        #expect(reason(.signaled(number: 15), .cpuTime).reason == .cpuTime)
        #expect(reason(.signaled(number: 2), .idle).reason == .idle)
        #expect(reason(.signaled(number: 9), .startTime).reason == .startTime)
    }
}
