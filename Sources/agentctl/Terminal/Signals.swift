// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import Synchronization

/// Signals are acted upon by a thread of their own, so that a terminal is given back also while everything else waits.
///
/// A handler writes the signal's number to a pipe, and that thread reads it. Blocking the signals and waiting for them
/// with sigwait would not do: Dispatch, which runs the main thread of an `async` main, unblocks them all there.
enum Signals {
    /// What stands between a signal and its default action.
    struct Hooks: Sendable {
        /// Before the process ends by a signal, or stops.
        var release: @Sendable () -> Void
        /// After the process goes on.
        var resume: @Sendable () -> Void
        /// The window has another size.
        var resized: @Sendable () -> Void
        /// Ctrl-C; returns whether the process goes on all the same. Without it, it does not.
        var interrupted: (@Sendable () -> Bool)?
    }

    private static let hooks = Mutex<Hooks?>(nil)

    /// From now on the process ends and stops by signals as before, but passes by the hooks on its way. To be called
    /// once. Signals that are ignored, as under nohup, stay so.
    static func handOverToThread() {
        var ends: [Int32] = [-1, -1]
        // Without the pipe signals do what they always do, only the terminal is not given back then.
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (pipeReader, pipeWriter) = (ends[0], ends[1])
        var thread = pthread_t()
        guard pthread_create(&thread, nil, takeSignals, nil) == 0 else { return }
        pthread_detach(thread)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH] {
            var action = sigaction()
            sigaction(number, nil, &action)
            if unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1 { continue }
            action.__sigaction_handler.sa_handler = noteSignal
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
        }
        // A process in the background gives its terminal back when it ends there, as after SIGSTOP, which nobody catches
        // and which leaves it raw: tcsetattr is to work then, instead of stopping it.
        signal(SIGTTOU, SIG_IGN)
    }

    static func set(_ hooks: Hooks?) {
        self.hooks.withLock { $0 = hooks }
    }

    /// A line from the terminal, for `interrupted`, on whose thread signals wait meanwhile. Nil at the end of the input
    /// and when the process is told to end.
    static func readLine() -> String? {
        var line: [UInt8] = []
        while true {
            var ready = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: pipeReader, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&ready, 2, -1) < 0, errno != EINTR { return nil }
            var byte: UInt8 = 0
            if ready[1].revents != 0, read(pipeReader, &byte, 1) == 1 {
                if [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(Int32(byte)) { return nil }
                continue
            }
            guard ready[0].revents != 0 else { continue }
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    fileprivate static func takeForEver() {
        var number: UInt8 = 0
        while true {
            guard read(pipeReader, &number, 1) == 1 else { continue }
            let hooks = hooks.withLock { $0 }
            switch Int32(number) {
            case SIGWINCH: hooks?.resized()
            case SIGCONT: hooks?.resume()
            case SIGTSTP:
                hooks?.release()
                StatusLine.clearIfPossible {
                    StandardStreams.endColours()
                    // SIGTSTP itself is handled, and in an orphaned process group would not stop anybody. This thread
                    // may run on for a moment before it stops, so what comes after waits for SIGCONT.
                    kill(getpid(), SIGSTOP)
                }
            case SIGINT where hooks?.interrupted?() == true: break
            default:
                hooks?.release()
                StatusLine.clearIfPossible {
                    StandardStreams.endColours()
                    signal(Int32(number), SIG_DFL)
                    kill(getpid(), Int32(number))
                }
            }
        }
    }
}

// Written once, before the first handler is installed and the thread is started, and only read from then on.
nonisolated(unsafe) private var pipeReader: Int32 = -1
nonisolated(unsafe) private var pipeWriter: Int32 = -1

/// Runs in the middle of anything, so it does nothing but write(2), which signal-safety(7) allows, and leaves errno.
private func noteSignal(_ number: Int32) {
    let code = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(pipeWriter, &byte, 1)
    errno = code
}

/// At file scope, so that no actor is assumed of the thread that runs it.
private func takeSignals(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Signals.takeForEver()
    return nil
}
