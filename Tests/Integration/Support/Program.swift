// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
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
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input ?? null.number, 0)
        posix_spawn_file_actions_adddup2(&actions, output.number, 1)
        posix_spawn_file_actions_adddup2(&actions, error.number, 2)
        cl_spawn_close_from(&actions, 3)
        cl_spawn_change_directory(&actions, directory)
        // A process spawned from a task would inherit the task's blocked signals.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, arguments[0], &actions, &attributes, &words, &variables)
        guard failure == 0 else { throw SystemError("execute", arguments[0], errno: failure) }
        self.pid = pid
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

    /// Waits for its end; kills it after `seconds`.
    func end(within seconds: Int = 60) async throws -> End {
        for _ in 0..<(seconds * 200) {
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid {
                let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
                return End(status: code, output: output, error: error)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        throw Hung(description: "\(pid) did not end within \(seconds) seconds\n\(output)\n\(error)")
    }

    struct Hung: Error, CustomStringConvertible {
        var description: String
    }
}
