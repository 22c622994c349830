// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// A file descriptor with one owner, closed when the owner goes. Always close-on-exec.
///
/// A constant lives to the end of its scope, but a value that was never given a name is gone as soon as `number` has
/// been read: `Files.open(path).number` is a closed descriptor. Pass the owner itself where that can happen.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// Valid for as long as the owner lives.
    package let number: Int32

    /// Takes over a descriptor that nobody else closes.
    package init(owning number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// Gives the descriptor away: whoever takes it closes it.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// A second descriptor for the same open file.
    package func duplicate() throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(owning: try check("duplicate a descriptor") { fcntl(number, F_DUPFD_CLOEXEC, 3) })
    }

    package func setNonBlocking() throws(SystemError) {
        let flags = try check("read the flags of a descriptor") { fcntl(number, F_GETFL) }
        try check("make a descriptor non-blocking") { fcntl(number, F_SETFL, flags | O_NONBLOCK) }
    }
}

/// pipe(2), both ends.
package struct Pipe: ~Copyable {
    package let reading: OwnedDescriptor
    package let writing: OwnedDescriptor

    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        try check("create a pipe") { cl_pipe(&ends) }
        reading = OwnedDescriptor(owning: ends[0])
        writing = OwnedDescriptor(owning: ends[1])
    }

    /// Lets go of the writing end, so that the reading one can come to its end.
    package consuming func finishWriting() -> OwnedDescriptor {
        reading
    }

    /// Lets go of the reading end.
    package consuming func finishReading() -> OwnedDescriptor {
        writing
    }
}
