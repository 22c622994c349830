// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux

/// A program of the host's, run or left running, whose output goes to files.
final class Program: Sendable {
    let pid: Int32
    private let files: String

    struct End: Sendable, CustomStringConvertible {
        /// As a shell shows it: 128 and the number for a signal.
        var status: Int32
        var output: String
        var error: String
        /// The signal that ended it, 0 when it ended by itself.
        var signal: Int32 = 0

        var description: String { "status \(status)\n--- output\n\(output)\n--- error\n\(error)" }
    }

    /// Starts it with exactly this environment. `files` is a path to which `.out` and `.err` are added.
    init(
        _ arguments: [String], environment: [String: String], directory: String, input: Int32? = nil, files: String
    ) throws {
        self.files = files
        let null = try Files.open("/dev/null", O_RDONLY)
        let output = try Files.open(files + ".out", O_WRONLY | O_CREAT | O_TRUNC)
        let error = try Files.open(files + ".err", O_WRONLY | O_CREAT | O_TRUNC)
        pid = try Spawn.start(
            arguments[0], arguments, environment: environment,
            descriptors: [0: input ?? null.number, 1: output.number, 2: error.number], directory: directory,
            newSession: false)
    }

    /// What it has written so far.
    var output: String { read(".out") }
    var error: String { read(".err") }

    private func read(_ ending: String) -> String {
        guard let file = try? Files.open(files + ending, O_RDONLY), let bytes = try? Files.readAll(file.number) else {
            return ""
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Longer than anything takes on a machine that has other things to do as well.
    private static let patience = Duration.seconds(600)

    /// Waits for its end; kills it when it is taken to hang.
    func end() async throws -> End {
        let deadline = ContinuousClock.now + Program.patience
        while ContinuousClock.now < deadline, !Task.isCancelled {
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid {
                let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
                return End(status: code, output: output, error: error, signal: status & 0x7F)
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        throw Hung(description: "\(pid) did not end\n\(output)\n\(error)")
    }

    struct Hung: Error, CustomStringConvertible {
        var description: String
    }
}
