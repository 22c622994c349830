// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import OutputLog

/// One stream that the agent writes to: the master side of its terminal, or a pipe.
final class AgentOutput {
    let descriptor: OwnedDescriptor
    let stream: OutputStream
    /// Nobody has the other side open any more, and everything has been read.
    private(set) var isFinished = false

    init(_ descriptor: consuming OwnedDescriptor, _ stream: OutputStream) throws(SystemError) {
        try descriptor.setNonBlocking()
        self.descriptor = descriptor
        self.stream = stream
    }

    /// What is there to be read now, at most `limit` bytes.
    func read(limit: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        var filled = 0
        while filled < limit && !isFinished {
            // A terminal gives at most a page at a time, so one read is not enough to empty it.
            if bytes.count - filled < 4096 { bytes.append(contentsOf: [UInt8](repeating: 0, count: 64 * 1024)) }
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor.number, $0.baseAddress! + filled, $0.count - filled)
            }
            if count > 0 {
                filled += count
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                // EIO is how a terminal's master says that the other side is closed (pty(7)).
                isFinished = true
            } else if errno == EAGAIN {
                break
            }
        }
        return Array(bytes[..<filled])
    }
}
