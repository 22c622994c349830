// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Glibc

/// The real agentctl in a process of its own. Its standard output and error go to files, or both to a terminal.
final class RunningAgentCtl: Sendable {
    let pid: pid_t
    /// The master of its terminal, non-blocking; -1 without one.
    let terminal: Int32
    private let directory: URL

    struct End: Equatable {
        /// As a shell shows it: 128 and the number for a signal.
        var status: Int32
        var output = ""
        var error = ""
    }

    struct SpawnError: Error {
        let errno: Int32
    }

    /// `input` is what it reads from its standard input, unless it has a terminal.
    init(
        _ arguments: [String], input: String = "", outputDescriptor: Int32? = nil, onTerminal: Bool = false,
        columns: UInt16 = 80, rows: UInt16 = 24
    ) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "agentctl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        try Data(input.utf8).write(to: directory.appending(path: "input"))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A process spawned from a task would inherit the task's blocked signals.
        var none = sigset_t()
        posix_spawnattr_setsigmask(&attributes, &none)
        var flags = POSIX_SPAWN_SETSIGMASK
        var (master, slave): (Int32, Int32) = (-1, -1)
        if onTerminal {
            var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
            var name = [CChar](repeating: 0, count: 64)
            guard openpty(&master, &slave, &name, nil, &size) == 0 else { throw SpawnError(errno: errno) }
            _ = fcntl(master, F_SETFL, O_NONBLOCK)
            _ = fcntl(master, F_SETFD, FD_CLOEXEC)
            // The first terminal that the leader of a new session opens becomes its own.
            // POSIX_SPAWN_SETSID, which glibc hides behind _GNU_SOURCE.
            flags |= 0x80
            posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, directory.appending(path: "input").path(), O_RDONLY, 0)
            for (descriptor, name) in [(1, "output"), (2, "error")] as [(Int32, String)] {
                let path = directory.appending(path: name).path()
                posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            }
        }
        if let outputDescriptor { posix_spawn_file_actions_adddup2(&actions, outputDescriptor, 1) }
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "agentctl")
            .path()
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, program, &actions, &attributes, &words, environ)
        if slave >= 0 { close(slave) }
        guard code == 0 else { throw SpawnError(errno: code) }
        self.pid = pid
        terminal = master
    }

    deinit {
        if terminal >= 0 { close(terminal) }
        try? FileManager.default.removeItem(at: directory)
    }

    /// Waits for its end, two minutes at most; then it is killed.
    func end() async throws -> End {
        var status: Int32 = 0
        var shown = ""
        for _ in 0..<24_000 {
            if terminal >= 0 { shown += readTerminal() }
            if waitpid(pid, &status, WNOHANG) == pid {
                let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
                if terminal >= 0 { return End(status: code, output: shown + readTerminal()) }
                return End(status: code, output: try contents("output"), error: try contents("error"))
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        kill(pid, SIGKILL)
        waitpid(pid, &status, 0)
        return End(status: -1, output: terminal >= 0 ? shown : try contents("output"))
    }

    private func contents(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: directory.appending(path: name)), as: UTF8.self)
    }

    /// What it has written to its standard output so far, when that is a file.
    var output: String { (try? contents("output")) ?? "" }

    /// What it has shown since the last time.
    func readTerminal() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = read(terminal, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    func type(_ text: String) { _ = Glibc.write(terminal, text, text.utf8.count) }

    func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    }

    /// Whether the terminal gathers lines and echoes, as a shell wants it.
    var isCooked: Bool {
        var attributes = termios()
        tcgetattr(terminal, &attributes)
        return attributes.c_lflag & tcflag_t(ICANON) != 0 && attributes.c_lflag & tcflag_t(ECHO) != 0
    }
}

/// Waits until something is so, for as long as a machine may take that has other things to do.
func eventually(_ condition: () throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}
