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
    /// How far the stop sequence has come; set exactly while it runs.
    private(set) var stop: StopProgress?
    /// The launcher's, in the order in which they are tried before everything in the jail is ended.
    let stopSignals: [Int32]

    struct StopProgress: Equatable, Sendable {
        /// For all signals together; each has an equal share.
        var grace: Duration
        /// Which signal is being tried, an index into `stopSignals`.
        var step: Int
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
        /// A new daemon has found the agent alive.
        case adopted
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
        self.init(state: .starting, desired: .running, stop: nil, stopSignals: stopSignals)
    }

    init(state: AgentState, desired: DesiredState, stop: StopProgress?, stopSignals: [Int32]) {
        self.state = state
        self.desired = desired
        self.stop = stop
        self.stopSignals = stopSignals
    }

    /// Takes an input that does not fit the state, such as the end of an agent that has ended, as no news: inputs come
    /// from requests, timers and shims at once, and any of them may be late.
    mutating func handle(_ input: Input) -> [Effect] {
        if state.isFinal { return [] }
        switch input {
        case .launched:
            guard state == .starting else { return [] }
            state = .running
            return [.event(.agentStarted)]
        case .failed:
            state = .failed
            stop = nil
            return [.event(.agentFailed)]
        case .ended:
            state = .exited
            stop = nil
            return [.event(.agentExited)]
        case .stop(let grace):
            return beginStop(grace: grace)
        case .kill:
            let known = state == .stopping
            state = .stopping
            desired = .stopped
            stop = nil
            return (known ? [] : [.event(.agentStopping)]) + [.kill(.killed)]
        case .graceOver(let step):
            guard let progress = stop, progress.step == step else { return [] }
            return attempt(step: step + 1, grace: progress.grace)
        case .adopted:
            guard state == .stopping else { return [.event(.agentAdopted)] }
            // The step that was under way is begun again, since nobody knows how much of its share had passed.
            guard let progress = stop else { return [.event(.agentAdopted), .kill(.stopped)] }
            return [.event(.agentAdopted)] + attempt(step: progress.step, grace: progress.grace)
        }
    }

    private mutating func beginStop(grace: Duration) -> [Effect] {
        guard state != .stopping else { return [] }
        // What has not been executed yet hears no signals.
        let hearsSignals = state != .starting
        state = .stopping
        desired = .stopped
        let begun: [Effect] = [.event(.agentStopping), .tellStopping]
        return begun + (hearsSignals && grace > .zero ? attempt(step: 0, grace: grace) : [.kill(.stopped)])
    }

    private mutating func attempt(step: Int, grace: Duration) -> [Effect] {
        guard step < stopSignals.count else {
            stop = nil
            return [.kill(.stopped)]
        }
        stop = StopProgress(grace: grace, step: step)
        return [.signal(stopSignals[step]), .wake(after: grace / stopSignals.count, step: step)]
    }
}
