// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux
import ShimProtocol

/// A jail as its keeper sees it, from outside: what is known of it, the socket pair to its first process, and the ends
/// of its agent's streams.
struct KeptJail: ~Copyable {
    /// Ends the jail when it closes.
    let control: OwnedDescriptor
    private(set) var initPID: Int32?
    private(set) var agentPID: Int32?
    private(set) var executed = false
    /// How the agent ended, as far as the jail could tell.
    private(set) var end: Termination?
    private(set) var failure: JailFailure?
    /// What the plan allows to be missing and could not be had.
    private(set) var missing: [String]
    private(set) var refusals = RefusalTally()
    private(set) var accesses = AccessReport()
    /// Whether anyone in the jail can still say something.
    private(set) var isSpeaking = true
    /// Readable when there is something to do for `keepTime`.
    private(set) var timer: Timer
    /// Who or what brought the end about, if it was not the agent itself.
    private(set) var cause: ExitRecord.Cause?
    /// Whether there is a refused call that was not there before; for whoever reports it to reset.
    var hasNews = false
    /// How often the first process has said what the jail uses.
    private(set) var measurements = 0
    /// The process whose end is the jail's: the builder, then the first one; nil once it has been waited for, and its
    /// number may be anybody's.
    private var root: Int32?
    private let cgroup: JailCgroup?
    private var timeLimits: TimeLimits
    /// When the command was executed, and when nothing was left of the jail: milliseconds of CLOCK_BOOTTIME.
    private var began: Int64?
    private var ended: Int64?
    /// What was used, by the first process's word and by what has been waited for.
    private var running = ProcessUsage()
    private var finished = ProcessUsage()
    /// When to end by force what should have ended by itself.
    private var patienceEnd: Int64?
    /// How everything in the jail was stopped, while it is.
    private var pause: Pause?
    /// The command shows by itself when it is ready; else it is as soon as it is executed.
    private let showsReadiness: Bool
    private(set) var isReady = false
    /// When to stop the command here: somebody else was to have done that by then.
    private var stopEnd: Int64?

    private enum Pause {
        case byFreezer
        case bySignal
    }

    /// How long the first process has to end when told to, in milliseconds.
    private static let patience: Int64 = 2000

    private init(
        control: consuming OwnedDescriptor, builder: Int32, _ plan: JailPlan, timer: consuming Timer,
        cgroup: JailCgroup?, missing: [String], seesOutput: Bool
    ) {
        self.control = control
        root = builder
        self.timer = timer
        self.cgroup = cgroup
        self.missing = missing
        showsReadiness = plan.readiness != nil
        timeLimits = TimeLimits(
            plan.timeouts, processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)), seesOutput: seesOutput)
        timeLimits.begin(Clock.boot())
    }

    /// Starts to build the jail that `plan` describes, with these streams, and returns at once.
    ///
    /// The calling process must have a single thread; it becomes the parent of what is orphaned by the building.
    ///
    /// - Parameter seesOutput: whether what the command writes passes through the keeper, which says so with `touch`.
    static func start(
        _ plan: JailPlan, agentDirectory: Int32?, streams: Builder.Streams, cgroup making: JailCgroup.Making,
        seesOutput: Bool
    ) throws(JailFailure) -> KeptJail {
        let isAlone = try stage("fork") { () throws(SystemError) in try Processes.threadCount() == 1 }
        guard isAlone else { throw JailFailure(stage: "fork", SystemError("fork with threads", errno: EDEADLK)) }
        var missing: [String] = []
        let cgroup = try JailCgroup.prepare(plan, making, missing: &missing)
        return try stage("fork") { [missing] () throws(SystemError) in
            try Processes.set(.childSubreaper, 1)
            let ends = try UnixSockets.pair()
            let ours = OwnedDescriptor(owning: ends.0)
            let theirs = OwnedDescriptor(owning: ends.1)
            try UnixSockets.passCredentials(ours.number)
            try ours.setNonBlocking()
            let timer = try Timer()
            var plan = plan
            guard case .parent(let builder) = try fork(&plan, cgroup) else {
                Builder.run(plan, control: theirs.number, agentDirectory: agentDirectory, streams: streams)
            }
            return KeptJail(
                control: ours, builder: builder, plan, timer: timer, cgroup: cgroup, missing: missing,
                seesOutput: seesOutput)
        }
    }

    /// The builder's process, in the jail's cgroup from its first moment where that is possible; else the plan tells
    /// it to join.
    private static func fork(
        _ plan: inout JailPlan, _ cgroup: JailCgroup?
    ) throws(SystemError) -> Processes.Fork {
        guard let cgroup else { return try Processes.fork() }
        plan.cgroup = cgroup.cgroup.path
        // Who removes the placeholders must outlive the jail, so the builder starts it before it joins.
        if plan.filesystem.contains(where: { $0.kind == .protected }) { return try Processes.fork() }
        plan.cgroup = nil
        if let fork = try Processes.fork(into: cgroup.cgroup) { return fork }
        plan.cgroup = cgroup.cgroup.path
        return try Processes.fork()
    }

    /// Takes in everything that the jail has said. Returns the master side of its terminal if that was among it.
    mutating func listen() throws(SystemError) -> Int32? {
        var terminal: Int32?
        while true {
            let bytes: [UInt8]
            let descriptor: Int32?
            let sender: Int32
            do {
                (bytes, descriptor, sender) = try UnixSockets.receive(
                    from: control.number, limit: ControlMessage.maximumSize)
            } catch  where error.errno == EAGAIN || error.errno == ECONNRESET {
                return terminal
            }
            guard !bytes.isEmpty else {
                isSpeaking = false
                return terminal
            }
            switch ControlMessage(bytes) {
            case .initStarted:
                initPID = sender
                root = sender
            case .agentStarted: agentPID = sender
            case .terminal: terminal = descriptor
            case .executed:
                executed = true
                began = Clock.boot()
                timeLimits.start(Clock.boot(), isReady: !showsReadiness)
                isReady = !showsReadiness
            case .missing(let name): if !missing.contains(name) { missing.append(name) }
            case .refused(let refused): if refusals.add(refused) { hasNews = true }
            case .accessed(let records): accesses.add(records)
            case .used(let usage):
                running = usage
                measurements += 1
                timeLimits.measured((usage.user + usage.system) / 1000, Clock.boot())
            case .active(let activity): timeLimits.sampled(activity, Clock.boot())
            case .failed(let failure): self.failure = failure
            case .ended(let end): self.end = end
            case nil: break
            }
        }
    }

    /// Reaps what has ended. True when nothing of the jail is left.
    mutating func reap() throws(SystemError) -> Bool {
        do {
            while let (pid, _, usage) = try Processes.reap() {
                finished = finished + usage
                if pid == root { root = nil }
            }
            return false
        } catch  where error.errno == ECHILD {
            if ended == nil { ended = Clock.boot() }
            return true
        }
    }

    /// To the agent's main process and its process group.
    func signal(_ number: Int32) throws(SystemError) {
        try UnixSockets.send([UInt8(truncatingIfNeeded: number)], to: control.number)
    }

    /// The command has shown that it is ready.
    mutating func becomeReady() throws(SystemError) {
        isReady = true
        timeLimits.becomeReady()
        try setTimer()
    }

    /// Something went in or came out.
    mutating func touch() { timeLimits.touch(Clock.boot()) }

    // MARK: - Pause

    var isPaused: Bool { pause != nil }

    /// Stops everything in the jail until `resume`: by its cgroup's freezer, else by SIGSTOP. Time limits stand still
    /// meanwhile, but for time in which an agent works that has got out of SIGSTOP, with a timer that sends SIGCONT.
    mutating func suspend() throws(SystemError) {
        guard pause == nil else { return }
        if try cgroup?.freeze(true) == true {
            pause = .byFreezer
        } else {
            // Nobody to tell any more is no failure: the end is on its way.
            try? UnixSockets.send([ControlMessage.pause], to: control.number)
            pause = .bySignal
        }
        timeLimits.pause(Clock.boot(), isDoubted: pause == .bySignal)
        try setTimer()
    }

    mutating func resume() throws(SystemError) {
        switch pause {
        case .byFreezer?: _ = try cgroup?.freeze(false)
        case .bySignal?: try? UnixSockets.send([ControlMessage.resume], to: control.number)
        case nil: return
        }
        pause = nil
        timeLimits.resume(Clock.boot())
        try setTimer()
    }

    // MARK: - Time

    /// Does what is to be done by now. To be called after each wait; sets `timer` for the next time.
    mutating func keepTime() throws(SystemError) {
        _ = timer.hasCome()
        let now = Clock.boot()
        if let moment = stopEnd, now >= moment {
            stopEnd = nil
            timeLimits.stop(now)
        }
        while let action = timeLimits.due(now) {
            if let cause = timeLimits.cause { blame(cause) }
            switch action {
            case .measure: measure(now)
            case .sample: try? UnixSockets.send([ControlMessage.activityRequest], to: control.number)
            // Nobody to tell any more is no failure: the end is on its way.
            case .signal(let number): try? signal(number)
            case .kill: endEverything()
            }
        }
        if let moment = patienceEnd, now >= moment {
            patienceEnd = nil
            endByForce()
        }
        try setTimer()
    }

    private mutating func setTimer() throws(SystemError) {
        try timer.set(to: [timeLimits.next, stopEnd, patienceEnd].compactMap(\.self).min())
    }

    private mutating func measure(_ now: Int64) {
        if let used = cgroup?.processorTime {
            timeLimits.measured(used / 1000, now)
        } else {
            askForUsage()
        }
    }

    // MARK: - The end

    /// A stop is under way that somebody else carries out. Should it not be over after `grace` milliseconds, since the
    /// daemon has died over it, it is begun here.
    mutating func beStopped(within grace: Int64?) {
        blame(.stopped)
        guard let grace else { return }
        // A moment more than whoever counts the same time has.
        stopEnd = Clock.boot() + min(max(grace, 0), 1 << 40) + Self.patience
        try? setTimer()
    }

    /// Remembers why the jail ends. The first reason stays, but for a kill.
    mutating func blame(_ cause: ExitRecord.Cause) {
        if self.cause == nil || cause == .killed { self.cause = cause }
    }

    /// Ends everything in the jail at once: its first process goes when it can hear its keeper no more.
    mutating func endEverything() {
        _ = shutdown(control.number, Int32(SHUT_WR))
        stopEnd = nil
        patienceEnd = Clock.boot() + Self.patience
        // A frozen process hears nothing, and dies all the same.
        if pause == .byFreezer { endByForce() }
        // Nothing else may ever happen: a stopped first process says nothing.
        try? setTimer()
    }

    /// For a first process that does not listen, because its owner stopped it. Without a cgroup this works where the
    /// keeper is that owner, or root.
    private func endByForce() {
        if cgroup?.kill() != true, let root { kill(root, SIGKILL) }
    }

    /// What to report of the agent once nothing is left of the jail.
    var outcome: Result<Termination, JailFailure> {
        if let failure { return .failure(failure) }
        if let end { return .success(end) }
        // Its first process was ended from outside, and the kernel ended the agent with it.
        if executed { return .success(.signaled(number: SIGKILL)) }
        if cgroup?.ranOutOfMemory == true {
            return .failure(
                JailFailure(
                    stage: "cgroup", action: "the jail used up its memory before its command was executed",
                    hint: "raise limits.memory"))
        }
        return .failure(
            JailFailure(stage: "init", action: "the jail ended before its command was executed, killed from outside"))
    }

    /// Finds out, once nothing is left of the jail, whether the kernel ended it for want of memory: then it ends by
    /// SIGKILL, as a whole or with its main process. An agent that outlived what it had started is not meant.
    mutating func settle() {
        if case .success(.signaled(number: SIGKILL)) = outcome, cgroup?.ranOutOfMemory == true { blame(.outOfMemory) }
    }

    // MARK: - Usage

    /// Whether `usage` is up to date without asking the first process.
    var canMeasure: Bool { cgroup?.processorTime != nil || ended != nil }

    /// Has the first process say what the jail uses; the answer comes through `listen`. False when it is gone.
    @discardableResult
    func askForUsage() -> Bool {
        (try? UnixSockets.send([ControlMessage.usageRequest], to: control.number)) != nil
    }

    /// What the jail has used: so far, or in all once nothing is left of it.
    var usage: ResourceUsage {
        var usage = ResourceUsage()
        if let began { usage.wall = (ended ?? Clock.boot()) - began }
        let known = ended == nil ? running : finished
        usage.userTime = known.user
        usage.systemTime = known.system
        usage.largestProcess = known.largest
        cgroup?.measure(&usage)
        return usage
    }
}
