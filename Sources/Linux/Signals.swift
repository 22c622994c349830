// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Signals as something to read: a single-threaded program then has no handlers, and so no code that runs in between.
package struct SignalReader: ~Copyable {
    package let descriptor: OwnedDescriptor

    /// Blocks `signals` and queues them here instead. The block survives fork and exec: see `Signals.reset`.
    package init(_ signals: [Int32]) throws(SystemError) {
        Signals.block(signals)
        let mask = signals.reduce(UInt64(0)) { $0 | 1 << UInt64($1 - 1) }
        descriptor = OwnedDescriptor(owning: try check("open a signal descriptor") { cl_signalfd(-1, mask) })
    }

    /// The next queued signal's number, or nil when there is none.
    package func next() throws(SystemError) -> Int32? {
        // struct signalfd_siginfo: 128 bytes, of which the first four are the number (signalfd(2)).
        var info = [UInt32](repeating: 0, count: 32)
        do {
            try check("read a signal") { read(descriptor.number, &info, 128) }
            return Int32(info[0])
        } catch  where error.errno == EAGAIN {
            return nil
        }
    }
}

package enum Signals {
    /// Nothing but SIGKILL and SIGSTOP reaches this process any more.
    package static func blockAll() {
        var every = sigset_t()
        sigfillset(&every)
        sigprocmask(SIG_BLOCK, &every, nil)
    }

    fileprivate static func block(_ signals: [Int32]) { change(SIG_BLOCK, signals) }

    /// These do again what they did before they were blocked.
    package static func unblock(_ signals: [Int32]) { change(SIG_UNBLOCK, signals) }

    /// sigprocmask(2), which fails only for a first argument that it does not know.
    private static func change(_ how: Int32, _ signals: [Int32]) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        sigprocmask(how, &set, nil)
    }

    /// Every signal unblocked and at its default, as a program expects to start: an inherited SIG_IGN for SIGPIPE or
    /// SIGCHLD changes how programs behave (a shell cannot even trap it).
    package static func reset() {
        for signal in 1...64 where signal != Int(SIGKILL) && signal != Int(SIGSTOP) {
            // Numbers 32 and 33 belong to the C library and are refused, which is fine.
            _ = Glibc.signal(Int32(signal), SIG_DFL)
        }
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
    }

    /// Stops this process as a job-control signal does that is not blocked: not at all in a process group that nobody
    /// could continue (setpgid(2)). Returns when it goes on.
    package static func stopThisProcess(_ signal: Int32) {
        unblock([signal])
        raise(signal)
        block([signal])
    }

    /// A write that cannot be done becomes EPIPE or EFBIG from write(2) instead of the end of the process.
    package static func ignoreFailedWrites() {
        for number in [SIGPIPE, SIGXFSZ] { _ = signal(number, SIG_IGN) }
    }
}
