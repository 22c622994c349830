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

    /// What could not be done, on what.
    package var action: String { "cannot \(operation)" + (subject.isEmpty ? "" : " \(SystemError.visible(subject))") }

    package var description: String { "\(action): \(Errno.words(errno)) (\(Errno.name(errno)))" }
}

extension SystemError {
    /// A name may be an agent's choice: nothing in it is obeyed by a terminal, or ends the line that it stands on.
    package static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { !isPlain($0) }) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            shown += isPlain(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
        return shown
    }

    /// No control character, and none of those that turn the direction of text or end a line by another name.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x200A, 0x2010...0x2027, 0x2030...0x205F, 0x2070...0xFEFE, 0xFF00...0x10FFFF: true
        default: false
        }
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
