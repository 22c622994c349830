// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import ShimProtocol

/// Where one agent stands and what follows from what happens to it: values in, values out, no kernel and no clock.
///
/// Whoever feeds it an input stores the machine and the events it asks for first, and carries out the other effects
/// after that. So a daemon that dies in between finds at its next start what it meant to do.
struct AgentMachine: Equatable, Sendable {
    private(set) var state: AgentState
    /// Changed by requests only.
    private(set) var desired: DesiredState
    /// How it is being ended; set exactly in the state `stopping`.
    private(set) var ending: Ending?
    /// The launcher's, in the order in which they are tried before everything in the jail is ended.
    let stopSignals: [Int32]

    enum Ending: Equatable, Sendable {
        /// With signals: `step` is the index in `stopSignals` of the one being tried, and `grace` is for all of them
        /// together, with an equal share for each.
        case asked(grace: Duration, step: Int)
        /// With everything in its jail, at once.
        case forced(ExitRecord.Cause)
    }

    enum Input: Equatable, Sendable {
        /// The agent's program runs.
        case launched
        /// The program never ran.
        case failed
        /// It ran, and is gone with everything in its jail.
        case ended
        case stop(grace: Duration)
        case kill
        /// The share of the grace that belongs to this step is over.
        case graceOver(step: Int)
        /// The shim can be talked to, for the first time or again: what it was to be told may not have reached it.
        case connected
    }

    enum Effect: Equatable, Sendable {
        /// Let the shim know that a stop was asked for, so that the exit record says so whoever is there to see it.
        case tellStopping
        case signal(Int32)
        /// End everything in the jail.
        case kill(ExitRecord.Cause)
        /// Feed `graceOver` after this time.
        case wake(after: Duration, step: Int)
        case event(EventType)
    }

    /// A new agent, about to be started.
    init(stopSignals: [Int32]) {
        self.init(state: .starting, desired: .running, ending: nil, stopSignals: stopSignals)
    }

    init(state: AgentState, desired: DesiredState, ending: Ending?, stopSignals: [Int32]) {
        self.state = state
        self.desired = desired
        self.ending = ending
        self.stopSignals = stopSignals
    }

    /// An input that does not fit the state, such as the end of an agent that has ended, is no news and changes
    /// nothing: inputs come from requests, timers and shims at once, and any of them may be late.
    mutating func handle(_ input: Input) -> [Effect] {
        if state.isFinal { return [] }
        switch input {
        case .launched:
            guard state == .starting else { return [] }
            state = .running
            return [.event(.agentStarted)]
        case .failed:
            (state, ending) = (.failed, nil)
            return [.event(.agentFailed)]
        case .ended:
            (state, ending) = (.exited, nil)
            return [.event(.agentExited)]
        case .stop(let grace):
            guard state != .stopping else { return [] }
            // What has not been executed yet hears no signals.
            let hearsSignals = state != .starting
            return begin(hearsSignals && grace > .zero ? .asked(grace: grace, step: 0) : .forced(.stopped))
        case .kill:
            if case .forced(.killed) = ending { return [] }
            return begin(.forced(.killed))
        case .graceOver(let step):
            guard case .asked(let grace, step) = ending else { return [] }
            ending = .asked(grace: grace, step: step + 1)
            return pursueEnd()
        case .connected:
            // The step that was under way is begun again: nobody knows how much of its share had passed.
            return state == .stopping ? pursueEnd() : []
        }
    }

    private mutating func begin(_ ending: Ending) -> [Effect] {
        let isNews = state != .stopping
        self.ending = ending
        (state, desired) = (.stopping, .stopped)
        return (isNews ? [.event(.agentStopping)] : []) + pursueEnd()
    }

    private mutating func pursueEnd() -> [Effect] {
        switch ending {
        case .asked(let grace, let step) where step < stopSignals.count:
            return [.tellStopping, .signal(stopSignals[step]), .wake(after: grace / stopSignals.count, step: step)]
        case .asked, nil:
            ending = .forced(.stopped)
            return [.kill(.stopped)]
        case .forced(let cause):
            return [.kill(cause)]
        }
    }
}
