// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// A file descriptor with one owner, closed when the owner goes. Always close-on-exec.
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
