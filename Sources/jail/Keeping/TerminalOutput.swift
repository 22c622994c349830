// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// A terminal of ours that an agent's output goes to. It is never waited for: whoever does not read from it holds up the
/// agent, and neither its time limits nor the signals that are meant for it.
final class TerminalOutput {
    /// The terminal, open once more for us alone: that a description does not wait is a property of it, and the one that
    /// we were given is our starter's as well.
    private let descriptor: OwnedDescriptor
    /// Whether that could be had. A terminal of another user's (su) may not be opened.
    private let isOwn: Bool
    private var pending: ArraySlice<UInt8> = []
    /// Nobody will ever read what is written.
    private(set) var isGone = false

    /// - Parameter stream: the number of a standard stream that is a terminal.
    init(_ stream: Int32) throws(SystemError) {
        do {
            descriptor = try Files.open("/proc/self/fd/\(stream)", O_WRONLY | O_NONBLOCK | O_NOCTTY)
            isOwn = true
        } catch {
            descriptor = OwnedDescriptor(
                owning: try check("duplicate a descriptor") { fcntl(stream, F_DUPFD_CLOEXEC, 3) })
            isOwn = false
        }
    }

    /// The descriptor that has to become writable, if anything waits for that: then no more should be written.
    var waitingFor: Int32? { pending.isEmpty ? nil : descriptor.number }

    func write(_ bytes: [UInt8]) {
        pending += bytes
        flush()
    }

    /// Writes what can be written now.
    func flush() {
        while let part = next {
            let count = part.withUnsafeBytes { Glibc.write(descriptor.number, $0.baseAddress, $0.count) }
            if count >= 0 {
                pending = pending.dropFirst(count)
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                isGone = true
                pending = []
            }
        }
    }

    private var next: ArraySlice<UInt8>? {
        guard !pending.isEmpty else { return nil }
        if isOwn { return pending }
        // A description that waits: only when there is room, and little enough to fit.
        var room = pollfd(fd: descriptor.number, events: Int16(POLLOUT), revents: 0)
        return poll(&room, 1, 0) == 1 ? pending.prefix(256) : nil
    }
}
