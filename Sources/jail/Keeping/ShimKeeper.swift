// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import OutputLog
import ShimProtocol

/// Keeps one agent: drains its output into the log, whatever anyone else does, serves the daemon's connection, and
/// writes down how the agent ended.
struct ShimKeeper: ~Copyable {
    let directory: OwnedDescriptor
    private let listener: OwnedDescriptor
    private let signals: SignalReader
    private var log: OutputLogWriter
    private var jail: KeptJail?
    private var outputs: [AgentOutput] = []
    private var input = AgentInput()
    private var connection: DaemonConnection?
    private var status = ShimStatus()
    private var startFailure: JailFailure?
    /// Which of the agent's attempts this is.
    private let attempt: Int
    private var readiness: ReadinessWatch?
    /// What the agent is asked as soon as it runs.
    private var request: [UInt8]?
    private var hasBegun = false
    /// Requests that wait for the jail's first process to say what it uses.
    private var waitingForUsage: [UInt64] = []
    private var exit = ExitFile()
    /// When to stop waiting for the last output, in milliseconds of CLOCK_BOOTTIME.
    private var drainingEnd: Int64?

    /// How long leftover output has to come when everything has ended, in milliseconds.
    private static let patience: Int64 = 2000

    init(
        directory: consuming OwnedDescriptor, listener: consuming OwnedDescriptor, signals: consuming SignalReader,
        log: consuming OutputLogWriter, attempt: Int
    ) {
        self.attempt = attempt
        status.attempt = attempt
        self.directory = directory
        self.listener = listener
        self.signals = signals
        self.log = log
    }

    mutating func start(_ plan: JailPlan) throws(JailFailure) {
        try stage("shim.reserve") { [number = directory.number] () throws(SystemError) in
            try ExitFile.reserve(at: number)
        }
        readiness = plan.readiness.map(ReadinessWatch.init)
        request = plan.readiness?.request.map { Array("\($0)\n".utf8) }
        switch plan.terminal {
        case .pty:
            jail = try KeptJail.start(
                plan, agentDirectory: directory.number, streams: .init(), cgroup: .refused, seesOutput: true)
        case .pipes(let wantsInput):
            try startWithPipes(plan, wantsInput: wantsInput)
        case .inherit:
            throw JailFailure(stage: "plan", action: "a kept agent cannot inherit its starter's streams")
        }
    }

    /// There is no jail to keep, only a failure to record.
    mutating func startFailed(_ failure: JailFailure) {
        startFailure = failure
    }

    private mutating func startWithPipes(_ plan: JailPlan, wantsInput: Bool) throws(JailFailure) {
        let output = try pipe()
        let error = try pipe()
        let input = try pipe()
        jail = try KeptJail.start(
            plan, agentDirectory: directory.number,
            streams: .init(
                input: wantsInput ? input.reading.number : nil, output: output.writing.number,
                error: error.writing.number), cgroup: .refused, seesOutput: true)
        do throws(SystemError) {
            outputs.append(try AgentOutput(output.finishWriting(), .stdout))
            outputs.append(try AgentOutput(error.finishWriting(), .stderr))
            if wantsInput { try self.input.connect(pipe: input.finishReading()) }
        } catch let problem {
            throw JailFailure(stage: "descriptors", problem)
        }
    }

    private func pipe() throws(JailFailure) -> Pipe {
        try stage("descriptors") { () throws(SystemError) in try Pipe() }
    }

    // MARK: - The loop

    /// Until the agent has ended and its record is on disk.
    mutating func run() throws(SystemError) {
        while true {
            try waitForEvents()
            if let terminal = try jail?.listen() { try adopt(terminal) }
            try begin()
            for output in outputs { drain(output) }
            if readiness?.isMet == true {
                readiness = nil
                try jail?.becomeReady()
            }
            outputs.removeAll { $0.isFinished }
            try input.flush()
            while let signal = try signals.next() {
                if signal != SIGCHLD { try? jail?.signal(SIGTERM) }
            }
            try jail?.keepTime()
            serve()
            answerUsage()
            update()
            if try finished() { return }
        }
    }

    private mutating func waitForEvents() throws(SystemError) {
        var events = [
            pollfd(fd: signals.descriptor.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0),
        ]
        func add(_ descriptor: Int32, _ wanted: Int32) {
            events.append(pollfd(fd: descriptor, events: Int16(wanted), revents: 0))
        }
        if let number = jail?.control.number, jail?.isSpeaking == true { add(number, POLLIN) }
        if let number = jail?.timer.descriptor.number { add(number, POLLIN) }
        for output in outputs { add(output.descriptor.number, POLLIN) }
        if let number = input.waitingFor { add(number, POLLOUT) }
        if let number = connection?.descriptor.number {
            add(number, connection?.hasOutgoing == true ? POLLIN | POLLOUT : POLLIN)
        }
        var timeout: Int32 = jail == nil ? 0 : -1
        if let end = exit.nextTry ?? drainingEnd { timeout = Int32(clamping: max(0, end - Clock.boot())) }
        try check("wait for events") { poll(&events, nfds_t(events.count), timeout) }
    }

    private mutating func adopt(_ terminal: Int32) throws(SystemError) {
        let master = OwnedDescriptor(owning: terminal)
        try input.connect(terminal: master.duplicate())
        outputs.append(try AgentOutput(master, .tty))
    }

    /// Marks that the command runs, and asks it whether it is ready, where that is how it shows.
    private mutating func begin() throws(SystemError) {
        guard jail?.executed == true, !hasBegun else { return }
        hasBegun = true
        // That it cannot be made, for want of room, costs a word in the record of an agent that is lost.
        _ = try? Files.open(ShimLayout.executed(attempt), O_WRONLY | O_CREAT | O_NOFOLLOW, at: directory.number)
        guard let bytes = request else { return }
        request = nil
        // An agent that has no input open, or has ended, does not answer: that is all there is to it.
        _ = try? input.take(bytes, end: false)
    }

    /// Takes what the agent has written, a bounded amount at a time so that nothing else waits for long.
    private mutating func drain(_ output: AgentOutput) {
        let bytes = output.read(limit: 256 * 1024)
        guard !bytes.isEmpty else { return }
        jail?.touch()
        readiness?.take(bytes, output.stream)
        let hadProblem = log.problem != nil
        log.append(bytes[...], stream: output.stream, time: Clock.wall())
        if let problem = log.problem, !hadProblem {
            _ = Command.fail("\(problem); the agent goes on, its output is lost until there is room")
        }
    }

    private mutating func update() {
        status.initPID = jail?.initPID
        if jail?.executed == true { status.agentPID = jail?.agentPID }
        status.outputEnd = log.end
        status.isPaused = jail?.isPaused
        status.isReady = jail?.isReady
        if let missing = jail?.missing, !missing.isEmpty { status.missing = missing }
        // That a known program was refused a known call again is no news: the count goes out with what is asked.
        if jail?.hasNews == true {
            jail?.hasNews = false
            updateRefusals()
        }
        connection?.publish(status)
    }

    private mutating func updateRefusals() {
        if let entries = jail?.refusals.entries, !entries.isEmpty { status.refusals = entries }
    }

    // MARK: - The daemon

    private mutating func serve() {
        accept()
        let requests = connection?.receive() ?? []
        for request in requests { answer(request) }
        connection?.flush()
        if connection?.isClosed == true { connection = nil }
    }

    /// A new connection replaces the old one, whose daemon is dead or leaving. That none can be taken, for want of
    /// descriptors, is no reason to let the agent down.
    private mutating func accept() {
        do {
            if let accepted = try UnixSockets.accept(listener.number) { connection = DaemonConnection(accepted) }
        } catch {
            _ = Command.fail("\(error)")
        }
    }

    private mutating func answer(_ request: ShimRequest) {
        updateRefusals()
        update()
        var report = ShimReport(id: request.id, status: status)
        do {
            switch request.operation {
            case .status: break
            case .input(let data, let end):
                jail?.touch()
                report.accepted = try input.take(Array(data), end: end)
            case .resize(let columns, let rows): try input.resize(columns: columns, rows: rows)
            case .signal(let number): try jail?.signal(number)
            case .kill(let cause):
                jail?.blame(cause)
                jail?.endEverything()
            case .stopping(let grace): jail?.beStopped(within: grace)
            case .pause: try jail?.suspend()
            case .resume: try jail?.resume()
            case .usage:
                if jail?.canMeasure == false, jail?.askForUsage() == true {
                    waitingForUsage.append(request.id)
                    return
                }
                report.usage = jail?.usage
            }
        } catch {
            report.refusal = error.description
        }
        update()
        report.status = status
        connection?.send(report)
    }

    private mutating func answerUsage() {
        guard !waitingForUsage.isEmpty, jail?.measurements != answered || jail?.isSpeaking == false else { return }
        answered = jail?.measurements ?? 0
        for id in waitingForUsage {
            var report = ShimReport(id: id, status: status)
            report.usage = jail?.usage
            connection?.send(report)
        }
        waitingForUsage = []
    }

    private var answered = 0

    // MARK: - The end

    /// True once nothing is left of the jail, its last output is stored, and the record written.
    private mutating func finished() throws(SystemError) -> Bool {
        if status.exit != nil { return exit.tryAgain(at: directory.number) }
        if startFailure == nil {
            guard try jail?.reap() != false else { return false }
            if let terminal = try jail?.listen() { try adopt(terminal) }
            // A process outside can have been handed the terminal's other side, and keep it open as long as it likes.
            if !outputs.isEmpty {
                let end = drainingEnd ?? Clock.boot() + ShimKeeper.patience
                drainingEnd = end
                if Clock.boot() < end { return false }
            }
        }
        return record()
    }

    /// True once the record is on disk, or there is no place for it any more. While the disk is full the shim stays,
    /// and tells it to whoever asks.
    private mutating func record() -> Bool {
        log.flush()
        let outcome: ExitRecord.Outcome =
            switch startFailure.map({ Result.failure($0) }) ?? jail?.outcome {
            case .success(.exited(let code)): .exited(code: code)
            case .success(.signaled(let number)): .signaled(number: number)
            case .failure(let failure): .failed(failure)
            case nil: .failed(JailFailure(stage: "init", action: "there was no jail"))
            }
        jail?.settle()
        updateRefusals()
        var record = ExitRecord(outcome: outcome, cause: jail?.cause, endedAt: Clock.wall(), outputEnd: log.end)
        record.attempt = attempt
        record.usage = jail?.usage
        record.missing = jail?.missing
        record.refusals = status.refusals
        let isWritten = exit.write(record, at: directory.number)
        status.exit = record
        update()
        // The news waits in the socket for the daemon, if there is one.
        connection?.flush()
        return isWritten
    }
}
