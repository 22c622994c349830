// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import Synchronization

/// The reader of our output has gone. Not a failure to report: whoever pipes into `head` expects a quiet end.
struct BrokenPipe: Error {}

/// The output cannot be written, say onto a full disk.
struct OutputError: Error, CustomStringConvertible {
    let errno: Int32
    var description: String { "cannot write the output: \(String(cString: strerror(errno)))" }
}

enum StandardStreams {
    /// Whether an agent's own bytes are shown, which may leave colours on.
    static let mayBeColoured = Atomic(false)

    /// Ends them on a terminal, for whoever must not wait for long. Nobody else may write there meanwhile.
    static func endColours() {
        guard mayBeColoured.load(ordering: .relaxed) else { return }
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] where isatty(descriptor) == 1 {
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&wait, 1, 200) == 1, wait.revents & Int16(POLLOUT) != 0 else { continue }
            _ = writeAll(Array("\u{1B}[0m".utf8), to: descriptor)
        }
    }

    /// Opens what of the three is closed, as after `<&-`: or the first socket would be taken for it.
    static func fill() {
        while true {
            let number = open("/dev/null", O_RDWR)
            guard number >= 0, number <= STDERR_FILENO else {
                if number >= 0 { close(number) }
                return
            }
        }
    }
}

/// What programs read. Unbuffered: each write is out when it returns, so that following is prompt.
enum StandardOutput {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    static func isWritable(within timeout: Duration) -> Bool {
        var wait = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&wait, 1, Int32(timeout / .milliseconds(1))) == 1 && wait.revents & Int16(POLLOUT) != 0
    }

    static func write(_ text: String) throws { try write(Array(text.utf8)) }

    static func write(_ bytes: [UInt8]) throws {
        StatusLine.clear()
        let code = writeAll(bytes, to: STDOUT_FILENO)
        if code == EPIPE { throw BrokenPipe() }
        if code != 0 { throw OutputError(errno: code) }
    }
}

/// What people read besides. Nothing can be done when it cannot be written.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// A line; what it quotes must be plain already.
    static func write(_ line: String) { write(Array("\(line)\n".utf8)) }

    static func write(_ bytes: [UInt8]) {
        StatusLine.clear()
        writeUnchecked(bytes)
    }

    /// For the status line itself.
    static func writeUnchecked(_ bytes: [UInt8]) { _ = writeAll(bytes, to: STDERR_FILENO) }

    static var isWritable: Bool {
        var wait = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&wait, 1, 0) == 1 && wait.revents & Int16(POLLOUT) != 0
    }

    static func report(_ failure: Failure) {
        write("agentctl: \(PlainText.plain(failure.message))")
        if let hint = failure.hint { write("hint: \(PlainText.plain(hint))") }
    }
}

/// Returns the errno that stopped it, or 0.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            let code = errno
            if code == EINTR { continue }
            // Somebody else who shares our terminal has made it non-blocking.
            guard code == EAGAIN else { return code }
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&wait, 1, -1)
        }
        return 0
    }
}
