// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import Synchronization

/// Signals are taken by a thread of their own, so that a terminal is restored also while everything else waits.
enum Signals {
    /// What stands between a signal and its default action.
    struct Hooks: Sendable {
        /// Before the process ends by a signal, or stops.
        var release: @Sendable () -> Void
        /// After the process goes on.
        var resume: @Sendable () -> Void
        /// The window has another size.
        var resized: @Sendable () -> Void
    }

    private static let hooks = Mutex<Hooks?>(nil)
    private static let taken = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH]

    /// From now on: the process ends and stops by signals as before, but passes by `hooks` on its way.
    ///
    /// To be called while the process has one thread, since it is by the inherited mask that no other thread takes them.
    static func handOverToThread() {
        var set = taken.reduce(into: sigset_t()) { sigaddset(&$0, $1) }
        // tcsetattr from a process in the background, as after a suspension, is to work instead of stopping it.
        sigaddset(&set, SIGTTOU)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        var thread = pthread_t()
        pthread_create(&thread, nil, takeSignals, nil)
        pthread_detach(thread)
    }

    static func set(_ hooks: Hooks?) {
        self.hooks.withLock { $0 = hooks }
    }

    fileprivate static func takeForEver() -> Never {
        var set = taken.reduce(into: sigset_t()) { sigaddset(&$0, $1) }
        while true {
            var number: Int32 = 0
            guard sigwait(&set, &number) == 0 else { continue }
            let hooks = hooks.withLock { $0 }
            switch number {
            case SIGWINCH: hooks?.resized()
            case SIGCONT: hooks?.resume()
            case SIGTSTP:
                hooks?.release()
                // Not SIGTSTP, which the kernel would not let stop an orphaned process group, and which is blocked.
                kill(getpid(), SIGSTOP)
                hooks?.resume()
            default:
                hooks?.release()
                signal(number, SIG_DFL)
                var own = sigset_t()
                sigaddset(&own, number)
                pthread_sigmask(SIG_UNBLOCK, &own, nil)
                kill(getpid(), number)
            }
        }
    }
}

/// At file scope, so that no actor is assumed of the thread that runs it.
private func takeSignals(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Signals.takeForEver()
}
