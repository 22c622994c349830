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
            case .screen: raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
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

    /// Gives the terminal back; `forGood` unless the process only stops for a while.
    func restore(forGood: Bool) {
        let reset: [UInt8]? = state.withLock { state in
            if forGood { state.isOver = true }
            guard state.isRaw else { return nil }
            state.isRaw = false
            defer { (state.modes, state.hasSavedTitle) = (ScreenModes(), false) }
            var found = found
            tcsetattr(STDIN_FILENO, TCSANOW, &found)
            return state.modes.reset(columns: Int(Self.size?.columns ?? 80))
        }
        guard let reset else { return }
        // A terminal that takes nothing, as while the user has stopped its output, is not waited for.
        if StandardOutput.isWritable(within: .milliseconds(200)) { try? StandardOutput.write(reset) }
        // Answers to what the agent asked the terminal are not for the shell.
        tcflush(STDIN_FILENO, TCIFLUSH)
    }
}
