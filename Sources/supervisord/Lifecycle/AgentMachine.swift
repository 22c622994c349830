// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Profiles
import ShimProtocol

/// Where one agent stands and what follows from what happens to it: values in, values out, no kernel and no clock.
/// Moments are milliseconds of CLOCK_BOOTTIME, which no change of the time of day moves. Drawn in docs/lifecycle.md.
///
/// Whoever feeds it an input stores the machine and the events it asks for first, and carries out the other effects
/// after that. So a daemon that dies in between finds at its next start what it meant to do.
struct AgentMachine: Equatable, Sendable {
    private(set) var state: AgentState
    /// Changed by requests only.
    private(set) var desired: DesiredState
    /// How it is being ended; set exactly in the state `stopping`.
    private(set) var ending: Ending?
    private(set) var progress: Progress
    /// The launcher's, in the order in which they are tried before everything in the jail is ended.
    let stopSignals: [Int32]
    let restart: RestartPolicy

    enum Ending: Equatable, Sendable {
        /// With signals: `step` is the index in `stopSignals` of the one being tried, and `grace` is for all of them
        /// together, with an equal share for each.
        case asked(grace: Duration, step: Int)
        /// With everything in its jail, at once.
        case forced(ExitRecord.Cause)
    }

    enum Input: Equatable, Sendable {
        /// It may run: the limits on how many do leave room for it.
        case admitted
        /// The agent's program runs.
        case launched(at: Int64, isReady: Bool)
        /// It has shown that it is ready.
        case ready
        /// Everything in its jail has been stopped, or goes on.
        case paused
        case resumed
        /// The program never ran. `chance`, from 0 to 1, is for the pause before the next attempt.
        case failed(StartFailure, at: Int64, chance: Double)
        /// It ran, and is gone with everything in its jail.
        case ended(AgentExit, at: Int64, chance: Double)
        case stop(grace: Duration)
        case kill
        /// The share of the grace that belongs to this step is over.
        case graceOver(step: Int)
        /// Run it again: at once, or as soon as it has ended.
        case restart(grace: Duration)
        /// The pause before the next attempt is over.
        case due
        /// The shim can be talked to, for the first time or again: what it was to be told may not have reached it.
        case connected
    }

    struct StartFailure: Equatable, Sendable {
        /// A clause for a person.
        let message: String
        /// The same attempt may succeed later.
        let isPassing: Bool
    }

    enum Effect: Equatable, Sendable {
        /// Start it, unless it runs.
        case launch
        /// It waits for room to run in.
        case queue
        /// Let the shim know that a stop was asked for, so that the exit record says so whoever is there to see it, and
        /// that the shim carries it out itself should it not be over after so long.
        case tellStopping(within: Duration)
        case signal(Int32)
        /// Let everything in the jail go on, so that it can hear.
        case resume
        /// End everything in the jail.
        case kill(ExitRecord.Cause)
        /// Feed `graceOver` after this time.
        case wake(after: Duration, step: Int)
        /// Feed `due` at this moment.
        case wakeAt(Int64)
        case event(EventType)
        /// The restarts are used up, or it could not be started: why, as a clause.
        case giveUp(String)

        /// Something comes of it outside the daemon.
        var isAct: Bool {
            switch self {
            case .launch, .tellStopping, .signal, .resume, .kill: true
            case .queue, .wake, .wakeAt, .event, .giveUp: false
            }
        }
    }

    /// A new agent, about to be started, or to wait until it may be.
    init(isQueued: Bool = false, stopSignals: [Int32], restart: RestartPolicy = .init()) {
        self.init(
            state: isQueued ? .queued : .starting, desired: .running, ending: nil, stopSignals: stopSignals,
            restart: restart, progress: Progress(attempt: isQueued ? 0 : 1))
    }

    init(
        state: AgentState, desired: DesiredState, ending: Ending?, stopSignals: [Int32],
        restart: RestartPolicy = .init(), progress: Progress = .init()
    ) {
        self.state = state
        self.desired = desired
        self.ending = ending
        self.stopSignals = stopSignals
        self.restart = restart
        self.progress = progress
    }

    /// Notes when the last end was, by the time of day.
    mutating func stamp(_ time: Timestamp) {
        guard let last = progress.ends.indices.last else { return }
        progress.ends[last].time = time
    }

    /// It has one of the places of those that run at once.
    var holdsPlace: Bool { [.starting, .running, .paused, .stopping].contains(state) }

    /// An input that does not fit the state, such as the end of an agent that has ended, is no news and changes
    /// nothing: inputs come from requests, timers and shims at once, and any of them may be late.
    mutating func handle(_ input: Input) -> [Effect] {
        switch (state, input) {
        case (.queued, .admitted): return start()
        case (.backoff, .due): return enqueue()
        case (.starting, .launched(let now, let isReady)): return run(at: now, isReady)
        case (.running, .ready), (.paused, .ready): return becomeReady()
        case (.running, .paused): return change(.paused, .agentPaused)
        case (.paused, .resumed): return change(.running, .agentResumed)
        case (.starting, .failed(let failure, let now, let chance)),
            (.stopping, .failed(let failure, let now, let chance)):
            return failed(failure, now, chance)
        case (.starting, .ended(let exit, let now, let chance)), (.running, .ended(let exit, let now, let chance)),
            (.paused, .ended(let exit, let now, let chance)), (.stopping, .ended(let exit, let now, let chance)):
            return ended(exit, now, chance)
        case (.queued, .stop), (.queued, .kill), (.backoff, .stop), (.backoff, .kill): return giveUpWaiting()
        case (.starting, .stop):
            // What has not been executed yet hears no signals.
            return begin(.forced(.stopped), isToRestart: false)
        case (.running, .stop(let grace)), (.paused, .stop(let grace)):
            return begin(stopping(grace), isToRestart: false)
        case (.stopping, .stop):
            progress.isToRestart = false
            desired = .stopped
            return []
        case (.starting, .kill), (.running, .kill), (.paused, .kill): return begin(.forced(.killed), isToRestart: false)
        case (.stopping, .kill):
            progress.isToRestart = false
            desired = .stopped
            if case .forced(.killed) = ending { return [] }
            return begin(.forced(.killed), isToRestart: false)
        case (.stopping, .graceOver(let step)):
            guard case .asked(let grace, step) = ending else { return [] }
            ending = .asked(grace: grace, step: step + 1)
            return pursueEnd()
        case (.exited, .restart), (.failed, .restart), (.backoff, .restart): return startOver()
        case (.running, .restart(let grace)), (.paused, .restart(let grace)):
            return begin(stopping(grace), isToRestart: true)
        case (.stopping, .restart):
            progress.isToRestart = true
            desired = .running
            return []
        case (.stopping, .connected):
            // The step that was under way is begun again: nobody knows how much of its share had passed.
            return pursueEnd()
        default: return []
        }
    }
}

// MARK: - Beginnings

extension AgentMachine {
    private mutating func start() -> [Effect] {
        state = .starting
        progress.attempt += 1
        progress.isReady = false
        progress.due = nil
        progress.runningSince = nil
        return [.event(.agentStarting), .launch]
    }

    private mutating func enqueue() -> [Effect] {
        state = .queued
        progress.due = nil
        return [.queue]
    }

    /// By request: what went before does not count any more.
    private mutating func startOver() -> [Effect] {
        desired = .running
        progress.isToRestart = false
        progress.restarts = 0
        progress.streak = 0
        progress.forgiven = progress.attempt
        return [.event(.agentRestarting)] + enqueue()
    }

    private mutating func run(at now: Int64, _ isReady: Bool) -> [Effect] {
        state = .running
        progress.isReady = isReady
        if isReady { progress.hasBeenReady = true }
        progress.runningSince = now
        return [.event(.agentStarted)]
    }

    private mutating func becomeReady() -> [Effect] {
        guard !progress.isReady else { return [] }
        progress.isReady = true
        progress.hasBeenReady = true
        return [.event(.agentReady)]
    }

    private mutating func change(_ state: AgentState, _ event: EventType) -> [Effect] {
        self.state = state
        return [.event(event)]
    }
}

// MARK: - Ends

extension AgentMachine {
    private func stopping(_ grace: Duration) -> Ending {
        grace > .zero ? .asked(grace: grace, step: 0) : .forced(.stopped)
    }

    private mutating func begin(_ ending: Ending, isToRestart: Bool) -> [Effect] {
        let before = state
        self.ending = ending
        state = .stopping
        progress.isToRestart = isToRestart
        desired = isToRestart ? .running : .stopped
        var effects: [Effect] = before == .stopping ? [] : [.event(.agentStopping)]
        if before == .paused, case .asked = ending { effects.append(.resume) }
        return effects + pursueEnd()
    }

    private mutating func pursueEnd() -> [Effect] {
        switch ending {
        case .asked(let grace, let step) where step < stopSignals.count:
            let share = grace / stopSignals.count
            return [
                .tellStopping(within: share * (stopSignals.count - step)), .signal(stopSignals[step]),
                .wake(after: share, step: step),
            ]
        case .asked, nil:
            ending = .forced(.stopped)
            return [.kill(.stopped)]
        case .forced(let cause):
            return [.kill(cause)]
        }
    }

    /// There is nothing to be ended.
    private mutating func giveUpWaiting() -> [Effect] {
        let hasRun = progress.attempt > 0
        state = .exited
        desired = .stopped
        progress.due = nil
        return hasRun ? [.event(.agentStopping), .event(.agentExited)] : [.event(.agentExited)]
    }

    private mutating func ended(_ exit: AgentExit, _ now: Int64, _ chance: Double) -> [Effect] {
        let isFailedStart = exit.reason == .startTime
        progress.remember(.init(attempt: progress.attempt, moment: now, exit: exit), atMost: restart)
        if let since = progress.runningSince, now - since >= restart.resetAfter { progress.streak = 0 }
        leave()
        if progress.isToRestart { return [.event(.agentExited)] + startOver() }
        guard desired == .running, restart.restarts(after: exit) else {
            state = isFailedStart ? .failed : .exited
            return isFailedStart ? [.event(.agentFailed), .giveUp("it was not ready in time")] : [.event(.agentExited)]
        }
        return [.event(.agentExited)] + backOff(now, chance)
    }

    private mutating func failed(_ failure: StartFailure, _ now: Int64, _ chance: Double) -> [Effect] {
        progress.remember(
            .init(attempt: progress.attempt, moment: now, message: failure.message), atMost: restart)
        leave()
        if progress.isToRestart { return startOver() }
        guard desired == .running, failure.isPassing, restart.when != .never else {
            state = .failed
            return [.event(.agentFailed), .giveUp(failure.message)]
        }
        return backOff(now, chance)
    }

    private mutating func leave() {
        ending = nil
        progress.isReady = false
        progress.runningSince = nil
    }

    private mutating func backOff(_ now: Int64, _ chance: Double) -> [Effect] {
        let ends = progress.ends(since: now - restart.window, until: now)
        if restart.limit > 0, ends.count > restart.limit {
            state = .failed
            let last = ends.suffix(5).map(\.description).joined(separator: ", ")
            return [
                .event(.agentFailed),
                .giveUp(
                    "its \(restart.limit) restarts within \(Duration.milliseconds(restart.window)) are used up; "
                        + "the last ends: \(last)"),
            ]
        }
        state = .backoff
        let due = now + restart.pause(after: progress.streak, chance: chance)
        progress.due = due
        progress.streak += 1
        progress.restarts += 1
        return [.event(.agentBackoff), .wakeAt(due)]
    }
}
