// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Glibc
import Synchronization

/// The user's terminal, given over to an agent or to a screen of our own: raw, until `restore`, which may be called from
/// any thread and at any time, and leaves it as it was found.
final class RawTerminal: Sendable {
    private struct State: ~Copyable {
        var isRaw = false
        var isOver = false
        /// Raw no more, and not yet as it was found: see `dropAnswers`.
        var isGivingBack = false
        var hasSavedTitle = false
        var modes = ScreenModes()
    }

    /// Who has to do with what is typed.
    enum Use: Sendable {
        /// An agent: every byte is its own.
        case agent
        /// Whoever only watches an agent: what is shown is the agent's own, ctrl-c and ctrl-z do what they always do.
        case viewer
        /// Keys of ours: ctrl-c and ctrl-z do what they always do.
        case screen
    }

    private let use: Use
    private let found: termios
    private let state = Mutex(State())

    /// Nil when the standard input or output is no terminal.
    init?(for use: Use) {
        var found = termios()
        guard StandardOutput.isTerminal, tcgetattr(STDIN_FILENO, &found) == 0 else { return nil }
        self.use = use
        self.found = found
    }

    /// The window's size; nil when the terminal does not know it.
    static var size: TerminalSize? { size(of: STDOUT_FILENO) }

    /// The width of the terminal that the standard error is.
    static var errorColumns: UInt16? { size(of: STDERR_FILENO)?.columns }

    private static func size(of descriptor: Int32) -> TerminalSize? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return TerminalSize(columns: size.ws_col, rows: size.ws_row)
    }

    /// Has no effect once `restore` was called for good.
    func makeRaw() {
        state.withLock { state in
            guard !state.isOver else { return }
            var raw = found
            switch use {
            case .agent: cfmakeraw(&raw)
            case .viewer:
                cfmakeraw(&raw)
                raw.c_lflag |= tcflag_t(ISIG)
            case .screen: raw = Self.quiet(raw)
            }
            tcsetattr(STDIN_FILENO, TCSANOW, &raw)
            state.isRaw = true
        }
    }

    /// Shows something as it is. Nothing is shown once the terminal is restored.
    func write(_ bytes: [UInt8]) throws {
        let output: [UInt8]? = state.withLock { state in
            guard state.isRaw else { return nil }
            let beginning = state.hasSavedTitle || use == .screen ? [] : ScreenModes.savingTitle
            state.hasSavedTitle = true
            state.modes.note(beginning)
            state.modes.note(bytes)
            return beginning + bytes
        }
        // Not under the lock: a terminal that takes no output must not keep anybody from restoring it.
        if let output { try StandardOutput.write(output) }
    }

    /// Who reads what the terminal sends: one at a time.
    private static let input = Mutex(())

    /// Returns how many bytes have come, 0 or less when the terminal is gone, and nil when there are none after all, as
    /// after those that came while it was given back.
    static func read(into buffer: inout [UInt8]) -> Int? {
        input.withLock { _ in
            guard isReadable(within: 0) else { return nil }
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            return count < 0 && (errno == EINTR || errno == EAGAIN) ? nil : count
        }
    }

    private static func isReadable(within milliseconds: Int32) -> Bool {
        var wait = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while true {
            let count = poll(&wait, 1, milliseconds)
            if count >= 0 || errno != EINTR { return count == 1 }
        }
    }

    /// Nothing is echoed, and what is typed need not be a line.
    private static func quiet(_ settings: termios) -> termios {
        var settings = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        return settings
    }

    /// Gives the terminal back; `forGood` unless the process only stops for a while.
    func restore(forGood: Bool) {
        let modes: ScreenModes? = state.withLock { state in
            if forGood { state.isOver = true }
            guard state.isRaw else {
                // Whoever comes second does not wait, and may end the process before the first is done.
                if state.isGivingBack { set(found) }
                return nil
            }
            state.isRaw = false
            state.isGivingBack = true
            defer { (state.modes, state.hasSavedTitle) = (ScreenModes(), false) }
            set(state.modes.hasAnswers ? Self.quiet(found) : found)
            return state.modes
        }
        guard let modes else { return }
        // A terminal that takes nothing, as while the user has stopped its output, is not waited for.
        if StandardOutput.isWritable(within: .milliseconds(200)) {
            try? StandardOutput.write(modes.reset(columns: Int(Self.size?.columns ?? 80)))
            if modes.hasAnswers { Self.dropAnswers() }
        }
        state.withLock { state in
            if modes.hasAnswers { set(found) }
            state.isGivingBack = false
        }
        tcflush(STDIN_FILENO, TCIFLUSH)
    }

    private func set(_ settings: termios) {
        var settings = settings
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    /// What a terminal sends of itself is not for the shell. Some of it may be still on its way, as over ssh, so the
    /// terminal is asked what it is (DA1), which every one answers, and behind all else.
    private static func dropAnswers() {
        // In the background all input is another's.
        guard tcgetpgrp(STDIN_FILENO) == getpgrp() else { return }
        input.withLock { _ in
            try? StandardOutput.write("\u{1B}[c")
            let deadline = ContinuousClock.now + .milliseconds(300)
            var scanner = EscapeScanner()
            var isAnswered = false
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let rest = Int32((deadline - .now) / .milliseconds(1)), rest > 0 {
                // A moment more after the answer: it may be one to the agent, which has asked the same.
                guard isReadable(within: isAnswered ? min(rest, 20) : rest) else { return }
                let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
                guard count > 0 else { return }
                scanner.scan(buffer[..<count]) { token in
                    guard case .sequence(let parameters?, UInt8(ascii: "c")) = token else { return }
                    if parameters.first == UInt8(ascii: "?") { isAnswered = true }
                }
            }
        }
    }
}
