// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import JailPlan
import Linux
import Logging
import ShimProtocol

/// Keeping in touch with shims.
extension Supervisor {
    /// Stays connected to the shim of an agent's attempt until that has ended. A connection that is lost is made again for
    /// as long as the shim lives.
    func follow(_ id: AgentID, attempt: Int) async {
        var pause = Duration.milliseconds(20)
        while !Task.isCancelled, let directory = directory(of: id, at: attempt) {
            do {
                guard try await blocking({ try directory.hasShim() }) else {
                    return settle(id, try await exitRecord(in: directory, attempt: attempt))
                }
                try await converse(id, directory, attempt: attempt)
            } catch is CancellationError {
                return
            } catch {
                logger.warning("agent \(agents[id]?.record.name.text ?? id.text): \(error)")
            }
            guard isAt(attempt, id) else { return }
            if agents[id]?.hasHeard == true { pause = .milliseconds(20) }
            // After the end of a conversation the shim lives a moment longer.
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }

    /// Whether this attempt is under way.
    private func isAt(_ attempt: Int, _ id: AgentID) -> Bool { directory(of: id, at: attempt) != nil }

    /// Nil when the agent is not at this attempt any more. No more of the agent than that, since a task that waits for a
    /// year keeps what it holds.
    private func directory(of id: AgentID, at attempt: Int) -> AgentDirectory? {
        guard let entry = agents[id], entry.record.machine.holdsPlace,
            entry.record.machine.progress.attempt == attempt
        else { return nil }
        return entry.directory
    }

    /// Nil when there is none, or none that can be understood: that one will not change any more.
    private func exitRecord(in directory: AgentDirectory, attempt: Int) async throws -> ExitRecord? {
        do {
            let record = try await blocking { try directory.exitRecord() }
            // One of an earlier attempt says nothing of this one. A later one is this one, of an agent whose database is
            // lost, and with it how often it was run.
            return record.flatMap { $0.attempt ?? 1 >= attempt ? $0 : nil }
        } catch let error as DecodingError {
            logger.error("the exit record in \(directory.path) is damaged: \(error)")
            return nil
        }
    }

    private func converse(_ id: AgentID, _ directory: AgentDirectory, attempt: Int) async throws {
        let socket = try await blocking { try directory.connect() }
        let connection = try await ShimConnection(owning: socket, on: eventLoop)
        guard isAt(attempt, id) else { return await connection.leave() }
        agents[id]?.shim = connection
        agents[id]?.hasHeard = false
        // Not asked any more by anyone once it is closed, also if another attempt is under way then.
        defer { if agents[id]?.shim === connection { agents[id]?.shim = nil } }
        await connection.send(.status)
        try await connection.run { report in await self.received(report, from: id, attempt: attempt) }
    }

    private func received(_ report: ShimReport, from id: AgentID, attempt: Int) {
        guard let entry = agents[id], isAt(attempt, id) else { return }
        let status = report.status
        // The shim of an attempt before may still be there, for want of room on the disk: what it says is not of this one.
        guard status.attempt ?? 1 >= attempt else { return }
        agents[id]?.initPID = status.initPID
        agents[id]?.shimVersion = status.version
        learn(id, missing: status.missing, refusals: status.refusals)
        if status.outputEnd > entry.output.latest.value.end {
            entry.output.change { $0.end = max($0.end, status.outputEnd) }
            keepScreen(id)
        }
        if let refusal = report.refusal { logger.notice("the shim of agent \(entry.record.name) refused: \(refusal)") }
        if let exit = status.exit { return settle(id, exit) }
        if entry.record.initProcess == nil, let pid = status.initPID, let first = ProcessIdentity.current(pid: pid) {
            amend(id) { $0.initProcess = first }
        }
        // A pause that was under way when the stop began: what is stopped hears nothing.
        if status.isPaused == true, case .asked? = entry.record.machine.ending {
            entry.shim?.assumeIsolated { _ = $0.send(.resume) }
        }
        if let pid = status.agentPID { runs(id, pid, status) }
        guard !entry.hasHeard else { return }
        agents[id]?.hasHeard = true
        if entry.isToBeAdopted {
            agents[id]?.isToBeAdopted = false
            agents[id]?.isFound = true
            note(.agentAdopted, agents[id]?.record)
            logger.info("adopted", metadata: ["agent": "\(entry.record.name)"])
        }
        apply(.connected, to: id)
        announce(id)
    }

    /// The agent's program runs, by its shim's word.
    private func runs(_ id: AgentID, _ pid: Int32, _ status: ShimStatus) {
        // Shims before version 3 know nothing of readiness: their agents are ready as soon as they run.
        let isReady = status.version < 3 || status.isReady == true
        if agents[id]?.record.pid != pid || agents[id]?.record.state == .starting {
            let facts: [String: JSONValue] = ["pid": .integer(Int64(pid)), "ready": .bool(isReady)]
            apply(.launched(at: Clock.boot(), isReady: isReady), to: id, saying: facts) { record in
                record.pid = pid
                record.startedAt = .now()
                record.initProcess = status.initPID.flatMap(ProcessIdentity.current)
            }
            fitTerminal(of: id)
        }
        if isReady { apply(.ready, to: id) }
        guard let isPaused = status.isPaused else { return }
        let state = agents[id]?.record.state
        guard (isPaused && state == .running) || (!isPaused && state == .paused) else { return }
        let peer = agents[id]?.pausing
        agents[id]?.pausing = nil
        apply(isPaused ? .paused : .resumed, to: id, by: peer)
    }

    /// The agent has ended. `exit` is nil when its shim is gone without a record: then nobody knows how, and nothing is
    /// made up.
    private func settle(_ id: AgentID, _ exit: ExitRecord?) {
        guard let entry = agents[id] else { return }
        let away: [String: JSONValue] = entry.isToBeAdopted ? ["while_away": true] : [:]
        guard let exit else { return settleWithoutRecord(id, entry, away) }
        learn(id, missing: exit.missing, refusals: exit.refusals)
        let endedAt = Timestamp(nanoseconds: exit.endedAt)
        if case .failed(let failure) = exit.outcome, exit.cause != .startTime {
            return fail(id, failure, at: endedAt, saying: away)
        }
        // One that was over before its shim could be talked to has run all the same.
        if entry.record.state == .starting, exit.cause != .startTime {
            apply(.launched(at: Clock.boot() - (exit.usage?.wall ?? 0), isReady: true), to: id) { record in
                record.startedAt = exit.began
            }
        }
        let end = AgentExit(exit)
        var data = away
        data["code"] = end.code.map { .integer(Int64($0)) } ?? .null
        data["signal"] = end.signal.map { .string($0.text) } ?? .null
        data["reason"] = .string(end.reason.rawValue)
        apply(.ended(end, at: Clock.boot(), chance: .random(in: 0...1)), to: id, saying: data) { record in
            record.machine.stamp(endedAt)
            record.exit = end
            record.endedAt = endedAt
            // Its shim may have been heard late.
            if let began = record.startedAt, began > endedAt { record.startedAt = exit.began }
            record.pid = nil
            record.outputEnd = exit.outputEnd
            record.usage = exit.usage
            record.refusals = exit.refusals ?? record.refusals
        }
    }

    /// What the shim has to tell of how the agent's jail turned out. Only what is new is stored: counts grow all the
    /// time.
    private func learn(_ id: AgentID, missing: [String]?, refusals: [SystemCallRefusal]?) {
        guard let record = agents[id]?.record else { return }
        let known = Set(record.refusals.map { [$0.call, $0.process] })
        let new = (refusals ?? []).filter { !known.contains([$0.call, $0.process]) }
        let lacking = Set(record.missing).union(missing ?? [])
        guard !new.isEmpty || lacking.count > record.missing.count else { return }
        amend(id, saying: new.map { (.agentRefused, $0.facts) }) { record in
            record.missing = lacking.sorted()
            if !new.isEmpty { record.refusals = refusals ?? [] }
        }
    }

    private func settleWithoutRecord(_ id: AgentID, _ entry: Entry, _ away: [String: JSONValue]) {
        if entry.record.pid == nil, !entry.directory.hasRun(entry.record.machine.progress.attempt) {
            let action =
                entry.isToBeAdopted
                ? "the daemon ended while it started the agent, and nothing runs now"
                : "the agent's shim ended before the agent ran"
            let failure = JailFailure(stage: "shim", action: action, hint: entry.directory.shimComplaint())
            return fail(id, failure, isPassing: true, at: .now(), saying: away)
        }
        logger.error("the shim of agent \(entry.record.name) is gone and left no record of the agent's end")
        let lost = AgentExit(code: nil, signal: nil, reason: .lost)
        apply(
            .ended(lost, at: Clock.boot(), chance: .random(in: 0...1)), to: id,
            saying: away.merging(["code": nil, "signal": nil, "reason": "lost"]) { $1 }
        ) { record in
            record.machine.stamp(.now())
            record.exit = lost
            record.endedAt = .now()
            record.pid = nil
        }
    }

    /// The agent never ran.
    ///
    /// - Parameter isPassing: whether the same may succeed another time; without it the failure's errno says.
    func fail(
        _ id: AgentID, _ failure: JailFailure, isPassing: Bool? = nil, at time: Timestamp,
        saying data: [String: JSONValue] = [:]
    ) {
        let facts: [String: JSONValue] = [
            "stage": .string(failure.stage), "errno": failure.errno.map { .string($0) } ?? .null,
            "message": .string("\(failure)"),
        ]
        let input = AgentMachine.Input.failed(
            .init(message: "\(failure)", isPassing: isPassing ?? failure.isPassing), at: Clock.boot(),
            chance: .random(in: 0...1))
        apply(input, to: id, saying: facts.merging(data) { $1 }) { record in
            record.machine.stamp(time)
            if record.state == .failed { record.failure = failure }
            record.exit = nil
            record.endedAt = time
            record.pid = nil
        }
    }
}

extension ExitRecord {
    /// When the program began to run.
    fileprivate var began: Timestamp { Timestamp(nanoseconds: endedAt - (usage?.wall ?? 0) * 1_000_000) }
}

extension JailFailure {
    /// Such as a full disk or a lack of memory, as opposed to a plan that can never be carried out.
    fileprivate var isPassing: Bool {
        let passing = [
            "EAGAIN", "EBUSY", "EDQUOT", "EINTR", "EIO", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ENOSPC",
            "ETIMEDOUT", "ETXTBSY", "EUSERS",
        ]
        return errno.map(passing.contains) ?? false
    }
}

extension AgentExit {
    /// What the shim recorded of an agent that ran.
    init(_ record: ExitRecord) {
        var (code, signal): (Int32?, Int32?)
        switch record.outcome {
        case .exited(let number): code = number
        case .signaled(let number): signal = number
        case .failed: break
        }
        let reason: ExitReason =
            switch (record.cause, signal) {
            case (.killed?, _): .killed
            case (.stopped?, _): .stopped
            case (.outOfMemory?, _): .outOfMemory
            case (.wallTime?, _): .wallTime
            case (.cpuTime?, _): .cpuTime
            case (.idle?, _): .idle
            case (.startTime?, _): .startTime
            case (nil, SIGSYS?): .seccomp
            case (nil, SIGXCPU?): .cpuTime
            case (nil, _?): .signaled
            case (nil, nil): .exited
            }
        self.init(code: code, signal: signal.flatMap(Signal.init(number:)), reason: reason)
    }
}

extension SystemCallRefusal {
    fileprivate var facts: [String: JSONValue] {
        [
            "call": .string(call), "process": .string(process), "pid": .integer(Int64(pid)),
            "count": .integer(Int64(clamping: count)),
        ]
    }
}
