// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// Keeps a jail whose agent's terminal is our own, or whose streams are.
struct Foreground: ~Copyable {
    private var jail: KeptJail
    private let signals: SignalReader
    /// The master side of the jail's terminal, once there is one.
    private var terminal: OwnedDescriptor?
    /// What was typed and the agent has not read yet.
    private var input = AgentInput()
    private var inputEnded = false

    /// Runs the plan to its end and returns what to exit with.
    static func keep(_ plan: JailPlan) throws -> Int32 {
        // Before the jail is there, so that no signal is missed; the agent starts with all of them unblocked.
        let signals = try SignalReader([SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH])
        var streams = Builder.Streams()
        if plan.terminal == .inherit { streams = .init(input: 0, output: 1, error: 2) }
        if case .pipes(let input) = plan.terminal { streams = .init(input: input ? 0 : nil, output: 1, error: 2) }
        let jail = try KeptJail.start(plan, agentDirectory: nil, streams: streams)
        var keeper = Foreground(jail: jail, signals: signals)
        let own = OwnTerminal()
        defer { own.restore() }
        if case .pty = plan.terminal { own.makeRaw() }
        switch try keeper.run() {
        case .success(.exited(let code)): return code
        case .success(.signaled(let number)): return 128 + number
        case .failure(let failure): throw failure
        }
    }

    private init(jail: consuming KeptJail, signals: consuming SignalReader) {
        self.jail = jail
        self.signals = signals
    }

    private mutating func run() throws(SystemError) -> Result<Termination, JailFailure> {
        while true {
            var events = [
                pollfd(fd: signals.descriptor.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: jail.control.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: -1, events: Int16(POLLIN), revents: 0),
            ]
            if let number = terminal?.number {
                events[2].fd = number
                let isWaiting = input.waitingFor != nil
                if isWaiting { events[2].events |= Int16(POLLOUT) }
                if !inputEnded && !isWaiting { events[3].fd = 0 }
            }
            if !jail.isSpeaking { events[1].fd = -1 }
            try check("wait for events") { poll(&events, nfds_t(events.count), -1) }
            if events[1].revents != 0 { try listen() }
            if events[2].revents & ~Int16(POLLOUT) != 0 { try copyOutput() }
            try input.flush()
            if events[3].revents != 0 { try copyInput() }
            while let signal = try signals.next() { try handle(signal) }
            if try jail.reap() {
                try listen()
                // Not until its end: a process outside may have been handed the terminal's other side.
                while try copyOutput() {}
                return jail.outcome
            }
        }
    }

    private mutating func listen() throws(SystemError) {
        guard let number = try jail.listen() else { return }
        let master = OwnedDescriptor(owning: number)
        try input.connect(terminal: master.duplicate())
        terminal = consume master
    }

    private mutating func handle(_ signal: Int32) throws(SystemError) {
        switch signal {
        case SIGCHLD: break
        case SIGWINCH:
            if let number = terminal?.number, let size = try? Terminals.size(0) {
                try Terminals.resize(number, columns: size.columns, rows: size.rows)
            }
        default:
            // Nobody to tell any more is no failure: the end is on its way.
            try? jail.signal(signal)
        }
    }

    /// False when there is nothing now.
    @discardableResult
    private mutating func copyOutput() throws(SystemError) -> Bool {
        guard let number = terminal?.number else { return false }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = read(number, &buffer, buffer.count)
        if count > 0 {
            try Files.write(Array(buffer[..<count]), to: 1)
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
            // EIO is how a terminal's master says that nobody has the other side open any more (pty(7)).
            terminal = nil
        }
        return count > 0
    }

    private mutating func copyInput() throws(SystemError) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try check("read standard input") { read(0, &buffer, buffer.count) }
        inputEnded = count == 0
        _ = try input.take(Array(buffer[..<count]), end: false)
    }
}

/// The terminal that `jail run` was started from.
final class OwnTerminal {
    private var settings: termios?

    /// Passes every key on as it is; the jail's own terminal gives them their meaning.
    func makeRaw() {
        var present = termios()
        guard tcgetattr(0, &present) == 0 else { return }
        settings = present
        cfmakeraw(&present)
        tcsetattr(0, TCSADRAIN, &present)
    }

    func restore() {
        guard var settings else { return }
        tcsetattr(0, TCSADRAIN, &settings)
    }
}
