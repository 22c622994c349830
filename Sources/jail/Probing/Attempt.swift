// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Something tried in a child that ends after it: what it changes of itself, such as its namespaces, is gone with it.
enum Attempt {
    /// Seconds in which the kernel ends what hangs.
    private static let patience: UInt32 = 5

    /// What it failed with; nil when it did not.
    static func failure(_ body: () throws(SystemError) -> Void) -> SystemError? {
        do throws(SystemError) {
            let pipe = try Pipe()
            guard case .parent(let child) = try Processes.fork() else { run(body, pipe.writing.number) }
            let reading = pipe.finishWriting()
            let said = try Files.readAll(reading.number)
            let end = try Processes.wait(for: child)
            if end == .exited(code: 0) { return nil }
            return SystemError(encoded: said) ?? SystemError("finish the attempt (\(end))", errno: ETIMEDOUT)
        } catch {
            return error
        }
    }

    private static func run(_ body: () throws(SystemError) -> Void, _ answer: Int32) -> Never {
        alarm(patience)
        do throws(SystemError) {
            try body()
            _exit(0)
        } catch {
            try? Files.write(error.encoded, to: answer)
            _exit(1)
        }
    }
}

extension SystemError {
    /// For the way to another process of this program.
    fileprivate var encoded: [UInt8] { Array("\(errno)\0\(operation)\0\(subject)".utf8) }

    fileprivate init?(encoded: [UInt8]) {
        let fields = encoded.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 3, let errno = Int32(fields[0]) else { return nil }
        self.init(fields[1], fields[2], errno: errno)
    }
}
