// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc

enum FileDescriptorStream {
    /// Writes all of it.
    static func write(_ text: String, to descriptor: Int32) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                let number = errno
                if number == EINTR { continue }
                throw WriteFailure(description: "cannot write: \(String(cString: strerror(number)))")
            }
            rest = rest.dropFirst(count)
        }
    }
}

struct WriteFailure: Error, CustomStringConvertible {
    var description: String
}
