// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import ShimProtocol
import Testing

@testable import supervisord

@Suite struct AgentMachineTests {
    private typealias Machine = AgentMachine

    private func machine(
        _ state: AgentState, ending: AgentMachine.Ending? = nil, signals: [Int32] = [2, 15]
    ) -> AgentMachine {
        AgentMachine(
            state: state, desired: state == .stopping ? .stopped : .running, ending: ending, stopSignals: signals)
    }

    @Test("a stop gives each signal an equal share of the grace and then ends everything")
    func stopSequence() {
        var machine = machine(.running)
        #expect(
            machine.handle(.stop(grace: .seconds(10))) == [
                .event(.agentStopping), .tellStopping, .signal(2), .wake(after: .seconds(5), step: 0),
            ])
        #expect(machine.state == .stopping)
        #expect(machine.desired == .stopped)
        #expect(
            machine.handle(.graceOver(step: 0)) == [.tellStopping, .signal(15), .wake(after: .seconds(5), step: 1)])
        #expect(machine.handle(.graceOver(step: 1)) == [.kill(.stopped)])
        #expect(machine.handle(.ended) == [.event(.agentExited)])
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
        #expect(asked.handle(.connected) == [.tellStopping, .signal(15), .wake(after: .seconds(2), step: 1)])
        var forced = machine(.stopping, ending: .forced(.killed))
        #expect(forced.handle(.connected) == [.kill(.killed)])
        var running = machine(.running)
        #expect(running.handle(.connected) == [])
    }

    @Test("an agent that is asked to stop before it runs does not become running")
    func launchedWhileStopping() {
        var machine = machine(.starting)
        _ = machine.handle(.kill)
        #expect(machine.handle(.launched) == [])
        #expect(machine.state == .stopping)
    }

    @Test("nothing leads out of a final state", arguments: [AgentState.exited, .failed])
    func finalStates(state: AgentState) {
        let inputs: [AgentMachine.Input] = [
            .launched, .failed, .ended, .stop(grace: .seconds(1)), .kill, .graceOver(step: 0), .connected,
        ]
        for input in inputs {
            var machine = machine(state)
            #expect(machine.handle(input) == [])
            #expect(machine.state == state)
        }
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
    }
}
