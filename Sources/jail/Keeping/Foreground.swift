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
                if !inputEnded { events[3].fd = 0 }
            }
            if jail.end != nil || jail.failure != nil { events[1].fd = -1 }
            try check("wait for events") { poll(&events, nfds_t(events.count), -1) }
            if events[1].revents != 0, let master = try jail.listen() { terminal = OwnedDescriptor(owning: master) }
            if events[2].revents != 0 { try copyOutput() }
            if events[3].revents != 0 { try copyInput() }
            while let signal = try signals.next() { try handle(signal) }
            if try jail.reap() {
                if let master = try jail.listen() { terminal = OwnedDescriptor(owning: master) }
                while terminal != nil { try copyOutput() }
                return jail.outcome
            }
        }
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

    private mutating func copyOutput() throws(SystemError) {
        guard let number = terminal?.number else { return }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        // EIO is how a terminal's master says that nobody has the other side open any more (pty(7)).
        let count = read(number, &buffer, buffer.count)
        if count > 0 {
            try Files.write(Array(buffer[..<count]), to: 1)
        } else if count == 0 || errno != EINTR {
            terminal = nil
        }
    }

    private mutating func copyInput() throws(SystemError) {
        guard let number = terminal?.number else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try check("read standard input") { read(0, &buffer, buffer.count) }
        inputEnded = count == 0
        try Files.write(Array(buffer[..<count]), to: number)
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
