// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc

/// What is piped into a command.
enum StandardInput {
    /// The next bytes, at most 32 KiB; empty at the end.
    static func read() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 32 * 1024)
        while true {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count >= 0 { return Array(buffer[..<count]) }
            guard errno == EINTR else {
                throw Failure("cannot read the standard input: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Everything, as text.
    static func text() throws -> String {
        var bytes: [UInt8] = []
        while true {
            let piece = try read()
            if piece.isEmpty { break }
            bytes += piece
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure("the standard input is not valid UTF-8")
        }
        return text
    }
}
