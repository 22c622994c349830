// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import JailPlan
import Linux
import Logging
import NIOCore
import NIOPosix
import Profiles
import ShimProtocol

/// Owns what is known of all agents, and is the only one to change it.
///
/// It runs on an event loop of its own and writes to the database synchronously, so no change is ever interleaved with
/// another, and each is on disk before anything follows from it. Whatever else blocks runs on `threads`.
actor Supervisor {
    /// An agent and what this daemon, while it lives, knows beyond the record.
    struct Entry {
        var record: AgentRecord
        let directory: AgentDirectory
        let output: Broadcast<OutputState>
        var shim: ShimConnection?
        /// That connection has brought a first report.
        var hasHeard = false
        /// What that shim can be asked.
        var shimVersion = 1
        /// The jail's first process.
        var initPID: Int32?
        /// Who asked for the pause or the resumption that is under way.
        var pausing: PeerIdentity?
        /// What it takes on the disk, and whether it holds work that nobody has looked at, once it has ended.
        var remains: (bytes: UInt64, holdsWork: Bool)?
        /// Where it stands has been found out since this daemon started.
        var isFound = true
        /// Found by this daemon, not started by it, and not yet heard from.
        var isToBeAdopted = false
        var graceTimer: Scheduled<Void>?
        var backoffTimer: Scheduled<Void>?
        var removal: Removal?
        var viewers = Viewers()
        /// The size that its terminal was last given by this daemon.
        var terminalSize: TerminalSize?
        /// How often it was to be given another one, and which of these times its screen knows of.
        var resizes = 0
        var notedResize = 0

        enum Removal: Equatable {
            /// As soon as it has ended.
            case asked(Cause)
            case underWay
        }

        enum Cause: Equatable {
            case request(by: PeerIdentity)
            /// It is not kept any longer (`Retention`).
            case retention
            /// An earlier daemon has begun it.
            case recovery
        }
    }

    nonisolated let eventLoop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    nonisolated let settings: Settings
    nonisolated let threads: NIOThreadPool
    nonisolated let trees: TreeThreads
    /// For `supervisor/doctor`.
    nonisolated let examinations = Turnstile(places: 1)
    nonisolated let logger: Logger
    nonisolated let store: Store
    /// The number of the newest event.
    nonisolated let newestEvent: Broadcast<UInt64>
    nonisolated let startedAt = Timestamp.now()
    nonisolated let socketCounts = SocketCounts()
    var lifecycleCounts = LifecycleCounts()
    struct Load: Equatable, Sendable {
        /// How many agents have a place among those that run at once.
        var running = 0
        /// Nothing new is started, because somebody asked for that.
        var isDraining = false
    }

    nonisolated let load = Broadcast(Load())
    nonisolated let clients: Clients
    nonisolated let reloads = Turnstile(places: 1)
    nonisolated let screens: Screens
    var configuration: DaemonConfiguration
    /// Reads the configuration anew.
    let readConfiguration: @Sendable () throws -> DaemonConfiguration
    /// Where agents' cgroups are; nil where none can be made.
    let cgroups: CgroupTree?
    /// Why there are none.
    let cgroupAbsence: String?
    let filters: FilterCompiler

    /// Numbers of the identity pool that starts under way may come to use.
    var reservedIdentities: Set<UInt32> = []
    var agents: [AgentID: Entry] = [:]
    /// What first attempts that are about to be started are started with: they need not be planned again.
    var plans: [AgentID: Assembled] = [:]
    var waiters = Waiters()
    var ids: AgentIDGenerator
    var isDraining: Bool { load.latest.value.isDraining }
    /// The daemon's own end has begun.
    var isEnding = false
    /// What earlier daemons have left has been looked at.
    var isSettled = false
    var retentionTimer: RepeatedTask?
    var backlog = Backlog()
    private let jobs: AsyncStream<@Sendable () async -> Void>
    private let startJob: AsyncStream<@Sendable () async -> Void>.Continuation

    /// Reads what earlier daemons have left. Their agents are unknown territory until `adopt` has looked.
    init(
        settings: Settings, store: Store, configuration: DaemonConfiguration,
        readConfiguration: @escaping @Sendable () throws -> DaemonConfiguration, cgroups: CgroupTree?,
        cgroupAbsence: String?, eventLoop: any EventLoop, threads: NIOThreadPool, trees: TreeThreads,
        screens: Screens, logger: Logger
    ) throws {
        self.settings = settings
        self.store = store
        self.configuration = configuration
        clients = Clients(configuration.clients)
        self.screens = screens
        self.readConfiguration = readConfiguration
        self.cgroups = cgroups
        self.cgroupAbsence = cgroupAbsence
        filters = FilterCompiler(jail: settings.jail, logger: logger)
        self.eventLoop = eventLoop
        self.threads = threads
        self.trees = trees
        self.logger = logger
        (jobs, startJob) = AsyncStream.makeStream()
        newestEvent = Broadcast(try store.newestEvent())
        let records = try store.agents()
        ids = AgentIDGenerator(last: records.last?.id)
        for record in records {
            let output = OutputState(
                end: record.outputEnd ?? 0, isOpen: !record.state.isFinal, isRemoved: false)
            let directory = AgentDirectory(path: "\(settings.agentsDirectory)/\(record.id)")
            agents[record.id] = Entry(
                record: record, directory: directory, output: Broadcast(output), isFound: !record.machine.holdsPlace,
                isToBeAdopted: record.machine.holdsPlace, removal: directory.isSetAside ? .asked(.recovery) : nil)
        }
        load.change { $0.running = records.count { $0.machine.holdsPlace } }
    }

    /// Carries out what goes on beside the requests, until the task is cancelled. Agents live on.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
            screens.end()
            group.cancelAll()
        }
    }

    /// Lets something run on as a part of `run`, whoever asked for it goes.
    func begin(_ job: @escaping @Sendable () async -> Void) {
        startJob.yield(job)
    }

    /// Runs what blocks on a thread that may be blocked.
    nonisolated func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.runIfActive(body)
    }

    // MARK: - Changes

    /// Lets an agent's state machine take an input, stores what comes of it, and then acts on it.
    func apply(
        _ input: AgentMachine.Input, to id: AgentID, by peer: PeerIdentity? = nil,
        saying data: [String: JSONValue] = [:], _ change: (inout AgentRecord) -> Void = { _ in }
    ) {
        guard let entry = agents[id] else { return }
        var record = entry.record
        let effects = record.machine.handle(input)
        change(&record)
        for case .giveUp(let why) in effects where record.failure.map({ "\($0)" }) != why {
            record.failure = JailFailure(stage: "restart", action: why)
        }
        if record.state.isFinal, record.endedAt == nil { record.endedAt = .now() }
        let events: [NewEvent] = effects.compactMap { effect in
            guard case .event(let type) = effect else { return nil }
            return NewEvent(
                time: .now(), type: type, agent: id, owner: record.owner, peer: peer,
                data: data.merging(record.facts(of: type)) { given, _ in given })
        }
        for event in events { lifecycleCounts.add(event) }
        if record != entry.record || !events.isEmpty {
            remember(StoredChange(subject: .update(record), events: events))
            // What follows from it must not come before it.
            if effects.contains(where: \.isAct) { storeBacklog() }
        }
        agents[id]?.record = record
        let hadPlace = entry.record.machine.holdsPlace
        let hasPlace = record.machine.holdsPlace
        if hadPlace != hasPlace { load.change { $0.running += hasPlace ? 1 : -1 } }
        if hadPlace, !hasPlace { clearAway(id) }
        for effect in effects { perform(effect, on: id) }
        if record.state.isFinal, !entry.record.state.isFinal { retire(id) }
        announce(id)
        if hadPlace, !hasPlace { placeIsFree() }
        // One that is to be removed is not run again first.
        if [.queued, .backoff].contains(record.state) { goOnRemoving(id) }
    }

    /// Changes what is stored of an agent without its state changing, and tells of it.
    func amend(
        _ id: AgentID, saying news: [(type: EventType, data: [String: JSONValue])] = [],
        _ change: (inout AgentRecord) -> Void
    ) {
        guard var record = agents[id]?.record else { return }
        let before = record
        change(&record)
        guard record != before || !news.isEmpty else { return }
        let events = news.map {
            NewEvent(time: .now(), type: $0.type, agent: id, owner: record.owner, peer: nil, data: $0.data)
        }
        remember(StoredChange(subject: .update(record), events: events))
        agents[id]?.record = record
    }

    private func perform(_ effect: AgentMachine.Effect, on id: AgentID) {
        switch effect {
        case .launch:
            // What the next daemon would not know of must not run.
            if cannotStore { backlog.postponed.insert(id) } else { begin { await self.launch(id) } }
        case .queue: queue(id)
        case .tellStopping(let grace): tell(id, .stopping(grace: grace.milliseconds))
        case .signal(let number): tell(id, .signal(number: number))
        // Only a shim that knows how to pause can have paused.
        case .resume: tell(id, .resume)
        case .kill(let cause):
            guard backlog.postponed.remove(id) == nil else {
                let failure = JailFailure(stage: "start", action: "it was ended before it was started")
                return fail(id, failure, isPassing: false, at: .now())
            }
            tell(id, .kill(cause: cause))
        case .wake(let delay, let step):
            agents[id]?.graceTimer?.cancel()
            agents[id]?.graceTimer = eventLoop.scheduleTask(in: .milliseconds(delay.milliseconds)) {
                self.assumeIsolated { $0.apply(.graceOver(step: step), to: id) }
            }
        case .wakeAt(let moment): wake(id, at: moment)
        case .giveUp(let why):
            logger.warning("agent \(agents[id]?.record.name.text ?? id.text) has failed: \(why)")
        case .event(let type):
            logger.info("\(type.rawValue)", metadata: ["agent": "\(agents[id]?.record.name.text ?? id.text)"])
        }
    }

    /// Without a connection nothing is lost: the machine says it again once there is one.
    private func tell(_ id: AgentID, _ operation: ShimRequest.Operation) {
        agents[id]?.shim?.assumeIsolated { _ = $0.send(operation) }
    }

    /// Has the pause before an agent's next attempt end at a moment of CLOCK_BOOTTIME.
    func wake(_ id: AgentID, at moment: Int64) {
        agents[id]?.backoffTimer?.cancel()
        // In steps: the loop's own clock stands still while the machine is suspended.
        let left = min(max(0, moment - Clock.boot()), 30_000)
        agents[id]?.backoffTimer = eventLoop.scheduleTask(in: .milliseconds(left)) {
            self.assumeIsolated { supervisor in
                guard Clock.boot() < moment else { return supervisor.apply(.due, to: id) }
                supervisor.wake(id, at: moment)
            }
        }
    }

    /// Nothing of the agent's jail is left.
    private func clearAway(_ id: AgentID) {
        agents[id]?.graceTimer?.cancel()
        agents[id]?.graceTimer = nil
        agents[id]?.initPID = nil
        agents[id]?.isFound = true
        agents[id]?.isToBeAdopted = false
        plans[id] = nil
        guard let entry = agents[id] else { return }
        entry.output.change { $0.end = max($0.end, entry.record.outputEnd ?? 0) }
        removeCgroup(of: entry.record)
    }

    /// An agent has reached a final state.
    private func retire(_ id: AgentID) {
        agents[id]?.backoffTimer?.cancel()
        agents[id]?.backoffTimer = nil
        guard let entry = agents[id] else { return }
        entry.output.change { $0.isOpen = false }
        if case .asked(let cause) = entry.removal { return beginRemoval(id, because: cause) }
        begin { await self.measureRemains(of: id) }
    }
}
