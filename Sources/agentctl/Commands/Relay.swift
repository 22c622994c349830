// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import Glibc
import SupervisorClient

/// `agentctl relay`
struct Relay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Join the standard input and output to the daemon's socket.",
        discussion: """
            What "agentctl --host ssh://…" runs on the other machine. By hand it is a way to speak the protocol, a JSON object \
            a line.

              echo '{"jsonrpc":"2.0","id":1,"method":"agent/list"}' | agentctl relay
            """)

    /// ssh goes on when the agentctl that has started it is gone, for as long as nothing comes from here; and nothing does
    /// from an agent that writes nothing.
    @Flag(help: "End when the input does; else the daemon's answers are still waited for.")
    var endWithInput = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        guard case .socket(let path) = try connection.address else {
            throw Failure.usage(
                "relay speaks to a daemon of this machine: --host and AGENT_SUPERVISOR_HOST are not for it")
        }
        let socket = try DaemonSocket.open(path)
        defer { close(socket) }
        var there = ByteRelay(from: STDIN_FILENO, to: socket)
        var back = ByteRelay(from: socket, to: STDOUT_FILENO)
        // Until the daemon has said all: it still answers when nothing more is asked.
        while !back.isOver {
            // Each its own, as both may wait for the socket: one to write, one to read.
            var waits = [there.wait, back.wait]
            if poll(&waits, 2, -1) < 0 {
                guard errno == EINTR else {
                    throw Failure("cannot wait for input: \(String(cString: strerror(errno)))")
                }
                continue
            }
            if waits[0].revents != 0, there.move() {
                if endWithInput { return }
                shutdown(socket, Int32(SHUT_WR))
            }
            if waits[1].revents != 0 { _ = back.move() }
        }
    }
}

/// Bytes on their way from one descriptor to another. Neither direction may wait for the other: each end stops reading
/// while it cannot write.
private struct ByteRelay {
    private let source: Int32
    private let destination: Int32
    private var buffer: ArraySlice<UInt8> = []
    private var hasEnded = false

    init(from source: Int32, to destination: Int32) {
        self.source = source
        self.destination = destination
    }

    var isOver: Bool { hasEnded && buffer.isEmpty }

    /// What it waits for; for nothing once it has ended, as poll(2) skips what is below 0.
    var wait: pollfd {
        if !buffer.isEmpty { return pollfd(fd: destination, events: Int16(POLLOUT), revents: 0) }
        return pollfd(fd: hasEnded ? -1 : source, events: Int16(POLLIN), revents: 0)
    }

    /// Moves what can be moved now. True when with that the last has been written, or can no longer be.
    mutating func move() -> Bool {
        if buffer.isEmpty {
            var bytes = [UInt8](repeating: 0, count: 64 * 1024)
            let count = read(source, &bytes, bytes.count)
            if count < 0, errno == EINTR || errno == EAGAIN { return false }
            // Whoever we read from may be gone, which is an end as well.
            buffer = bytes[..<max(0, count)]
            hasEnded = count <= 0
            return hasEnded
        }
        // No more than can be taken at once, so that nobody waits in it (pipe(7): PIPE_BUF).
        let piece = Array(buffer.prefix(4096))
        let count = write(destination, piece, piece.count)
        if count < 0 {
            if errno == EINTR || errno == EAGAIN { return false }
            (buffer, hasEnded) = ([], true)
            return true
        }
        buffer = buffer.dropFirst(count)
        return isOver
    }
}
