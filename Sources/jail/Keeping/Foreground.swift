// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux
import ShimProtocol

/// Keeps a jail whose agent's terminal is our own, or whose streams are.
struct Foreground: ~Copyable {
    private var jail: KeptJail
    private let signals: SignalReader
    /// The master side of the jail's terminal, once there is one.
    private var terminal: OwnedDescriptor?
    /// Nothing is left of the jail but what it has written.
    private var isOver = false
    /// When to stop waiting for a terminal to take the last of the output, in milliseconds of CLOCK_BOOTTIME.
    private var drainingEnd: Int64?
    private static let patience: Int64 = 2000
    /// Where what comes from it goes.
    private var output: TerminalOutput?
    /// What was typed and the agent has not read yet.
    private var input = AgentInput()
    private var inputEnded = false
    /// Between the agent and a terminal of ours, where it has our own streams.
    private var relay: TerminalRelay?
    private let status: StatusStream
    private let own: OwnTerminal
    /// How much of what the jail is known to be has been told.
    private var told = (started: false, refusals: 0)

    /// Runs the plan to its end and returns what to exit with.
    ///
    /// - Parameters:
    ///   - isVerbose: whether to say at the end which system calls were refused.
    ///   - report: where to write at the end what files and addresses were asked for.
    static func keep(
        _ plan: JailPlan, _ passed: PassedDescriptors, _ status: StatusStream, isVerbose: Bool, report: Int32?
    ) throws -> Int32 {
        // Before the jail is there, so that no signal is missed; the agent starts with all of them unblocked.
        let signals = try SignalReader([SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP])
        var streams = Builder.Streams()
        var relay: TerminalRelay?
        if plan.terminal == .inherit {
            let between = try TerminalRelay()
            streams = between.streams
            relay = between
        }
        if case .pipes(let input) = plan.terminal { streams = .init(input: input ? 0 : nil, output: 1, error: 2) }
        streams.passed = passed
        if case .pty = plan.terminal, isatty(2) == 0 {
            streams.error = 2
            streams.passed.keepsError = true
        }
        var seesOutput = false
        if case .pty = plan.terminal { seesOutput = true }
        let jail = try KeptJail.start(
            plan, agentDirectory: nil, streams: streams, cgroup: .allowed, seesOutput: seesOutput)
        let own = OwnTerminal()
        defer { own.restore() }
        var keeper = Foreground(jail: jail, signals: signals, status, own)
        if let input = relay?.input { try keeper.input.connect(pipe: OwnedDescriptor(owning: input)) }
        relay?.letGo()
        keeper.relay = relay
        if case .pty = plan.terminal { own.makeRaw() }
        let outcome = try keeper.run()
        own.restore()
        keeper.tell()
        if isVerbose { keeper.sayRefusals() }
        if let report {
            // From here on nobody reads these.
            Signals.unblock([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP])
            do {
                try keeper.jail.accesses.write(to: report)
            } catch {
                // How the command ended is not lost for it.
                Command.say("the report is not whole: \(error)")
            }
        }
        let code = try keeper.exitStatus(outcome, plan)
        status.ended(
            try outcome.get(), keeper.jail.cause, status: code, keeper.jail.usage, keeper.jail.refusals.entries)
        return code
    }

    /// What has come to be known since the last time.
    private mutating func tell() {
        if jail.executed, !told.started {
            told.started = true
            // Whatever is missing is known once the command is executed.
            if !jail.missing.isEmpty {
                let names = jail.missing.sorted().joined(separator: ", ")
                Command.say("warning: this host cannot enforce \(names), and the profile goes without")
            }
            for name in jail.missing { status.missing(name) }
            status.started(pid: jail.agentPID, initPID: jail.initPID)
        }
        for refusal in jail.refusals.entries.dropFirst(told.refusals) { status.refused(refusal) }
        told.refusals = jail.refusals.entries.count
    }

    private borrowing func sayRefusals() {
        for refusal in jail.refusals.entries {
            // The name is the agent's own choice: nothing in it may reach a terminal as a command.
            let process = refusal.process.unicodeScalars.map { (0x20..<0x7F).contains($0.value) ? String($0) : "?" }
            Command.say("refused: \(refusal.call) by \(process.joined()), \(refusal.count) times")
        }
    }

    /// What to exit with. Says on standard error what a number alone cannot say.
    private borrowing func exitStatus(_ outcome: Result<Termination, JailFailure>, _ plan: JailPlan) throws -> Int32 {
        let end = try outcome.get()
        switch jail.cause {
        case .wallTime?:
            Command.say("the command was ended after \(Self.seconds(plan.timeouts.wall)), by the plan's timeouts.wall")
            return 124
        case .cpuTime?:
            Command.say(
                "the command was ended after \(Self.seconds(plan.timeouts.cpu)) of processor time, "
                    + "by the plan's timeouts.cpu")
            return 124
        case .idle?:
            Command.say(
                "the command was ended after it had done nothing for \(Self.seconds(plan.timeouts.idle)), "
                    + "by the plan's timeouts.idle")
            return 124
        case .startTime?:
            Command.say(
                "the command was not executed within \(Self.seconds(plan.timeouts.start)), by the plan's timeouts.start"
            )
            return 124
        case .outOfMemory?:
            Command.say("the command was ended by the kernel: the jail's memory was used up (limits.memory)")
            return 128 + SIGKILL
        case .killed?, .stopped?, nil: break
        }
        return switch end {
        case .exited(let code): code
        case .signaled(let number): 128 + number
        }
    }

    private static func seconds(_ milliseconds: Int64?) -> String {
        let milliseconds = milliseconds ?? 0
        let rest = milliseconds % 1000
        return rest == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }

    private init(
        jail: consuming KeptJail, signals: consuming SignalReader, _ status: StatusStream, _ own: OwnTerminal
    ) {
        self.status = status
        self.own = own
        self.jail = jail
        self.signals = signals
    }

    private mutating func run() throws(SystemError) -> Result<Termination, JailFailure> {
        while true {
            let hasInput = try waitForEvents()
            if !isOver { try listen() }
            copyOutput()
            relay?.copy()
            try input.flush()
            if hasInput { try copyInput() }
            var isToldToEnd = false
            while let signal = try signals.next() { isToldToEnd = try handle(signal) || isToldToEnd }
            if !isOver {
                try jail.keepTime()
                tell()
                guard try jail.reap() else { continue }
                try listen()
                isOver = true
            }
            // What there is left goes out, unless somebody is tired of waiting for the terminal to take it, or it was
            // about time. But nothing is waited for that may still come: a process outside may have been handed the
            // other side.
            var isMore = true
            while isMore {
                isMore = copyOutput()
                isMore = relay?.copy() == true || isMore
            }
            let end = drainingEnd ?? (jail.cause == nil ? .max : Clock.boot() + Self.patience)
            drainingEnd = end
            guard output?.waitingFor != nil || relay?.isWaiting == true, !isToldToEnd, Clock.boot() < end else {
                jail.settle()
                return jail.outcome
            }
        }
    }

    /// Waits for something to do. True when it is that there is something to read on standard input.
    private mutating func waitForEvents() throws(SystemError) -> Bool {
        var events = [
            pollfd(fd: -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals.descriptor.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isOver ? -1 : jail.timer.descriptor.number, events: Int16(POLLIN), revents: 0),
        ]
        var timeout: Int32 = -1
        if let waiting = input.waitingFor {
            events.append(pollfd(fd: waiting, events: Int16(POLLOUT), revents: 0))
        } else if input.isOpen, !inputEnded, !isOver {
            // To read from a terminal in the background would stop us. Nothing tells when that changes.
            if relay == nil || tcgetpgrp(0) == getpgrp() { events[0].fd = 0 } else { timeout = 500 }
        }
        if jail.isSpeaking { events.append(pollfd(fd: jail.control.number, events: Int16(POLLIN), revents: 0)) }
        if let full = output?.waitingFor {
            events.append(pollfd(fd: full, events: Int16(POLLOUT), revents: 0))
        } else if let number = terminal?.number {
            events.append(pollfd(fd: number, events: Int16(POLLIN), revents: 0))
        }
        events += relay?.events ?? []
        if let drainingEnd, drainingEnd < .max { timeout = Int32(clamping: max(0, drainingEnd - Clock.boot())) }
        try check("wait for events") { poll(&events, nfds_t(events.count), timeout) }
        return events[0].revents != 0
    }

    private mutating func listen() throws(SystemError) {
        guard let number = try jail.listen() else { return }
        let master = OwnedDescriptor(owning: number)
        try input.connect(terminal: master.duplicate())
        terminal = consume master
        output = try TerminalOutput(1)
    }

    /// True for one that means that it should come to an end.
    private mutating func handle(_ signal: Int32) throws(SystemError) -> Bool {
        switch signal {
        case SIGCHLD: return false
        case SIGWINCH:
            if let number = terminal?.number, let size = try? Terminals.size(0) {
                try Terminals.resize(number, columns: size.columns, rows: size.rows)
            }
            return false
        case SIGTSTP:
            try suspend()
            return false
        default:
            // Nobody to tell any more is no failure: the end is on its way.
            try? jail.signal(signal)
            return true
        }
    }

    /// As a job of a shell's that is stopped, the jail with it, until somebody lets it go on.
    private mutating func suspend() throws(SystemError) {
        let isRaw = own.isRaw
        own.restore()
        if !isOver { try jail.suspend() }
        Signals.stopThisProcess(SIGTSTP)
        // In the background this stops us once more.
        if isRaw { own.makeRaw() }
        if !isOver { try jail.resume() }
    }

    /// False when there is nothing now, or no room for it.
    @discardableResult
    private mutating func copyOutput() -> Bool {
        guard let number = terminal?.number, let output else { return false }
        output.flush()
        guard output.waitingFor == nil else { return false }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = read(number, &buffer, buffer.count)
        if count > 0 {
            output.write(Array(buffer[..<count]))
            jail.touch()
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
            // EIO is how a terminal's master says that nobody has the other side open any more (pty(7)).
            terminal = nil
        }
        if output.isGone { terminal = nil }
        return count > 0
    }

    private mutating func copyInput() throws(SystemError) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count: Int
        do {
            count = try check("read standard input") { read(0, &buffer, buffer.count) }
        } catch  where error.errno == EIO {
            // The terminal has hung up; the agent hears of that by the signal.
            count = 0
        }
        inputEnded = count == 0
        jail.touch()
        // A terminal of the jail's own stays open: what ends its input is a key.
        _ = try input.take(Array(buffer[..<count]), end: inputEnded && relay != nil)
    }
}

/// The terminal that `jail run` was started from.
final class OwnTerminal {
    private var settings: termios?
    var isRaw: Bool { settings != nil }

    /// Passes every key on as it is; the jail's own terminal gives them their meaning.
    func makeRaw() {
        var present = termios()
        guard tcgetattr(0, &present) == 0 else { return }
        settings = present
        cfmakeraw(&present)
        tcsetattr(0, TCSANOW, &present)
    }

    func restore() {
        guard var settings else { return }
        self.settings = nil
        // Not when all is written (TCSADRAIN): nobody may be reading.
        tcsetattr(0, TCSANOW, &settings)
    }
}
