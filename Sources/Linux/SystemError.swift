// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// A system call that failed: what was tried, on what, and why.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What failed, as a verb phrase: `open`, `create the socket`.
    package var operation: String
    /// What it was done to: a path, a name. May be empty.
    package var subject: String
    package var errno: Int32

    package init(_ operation: String, _ subject: String = "", errno: Int32) {
        self.operation = operation
        self.subject = subject
        self.errno = errno
    }

    package var description: String {
        let object = subject.isEmpty ? "" : " \(subject)"
        return "cannot \(operation)\(object): \(Errno.words(errno)) (\(Errno.name(errno)))"
    }
}

package enum Errno {
    /// The constant's name, such as `EACCES`.
    package static func name(_ number: Int32) -> String {
        guard let name = cl_errno_name(number) else { return "errno \(number)" }
        return String(cString: name)
    }

    /// The C library's sentence for it, such as `Permission denied`.
    package static func words(_ number: Int32) -> String {
        String(cString: strerror(number))
    }
}

/// Runs a call that answers -1 and errno, again for as long as a signal interrupts it.
///
/// errno is read before anything else can run: the strings are only made once it is safe.
@discardableResult
package func check<Result: SignedInteger>(
    _ operation: @autoclosure () -> String, _ subject: @autoclosure () -> String = "", _ call: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let number = errno
        if number != EINTR { throw SystemError(operation(), subject(), errno: number) }
    }
}
