// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// posix_spawn(3), because a program with threads must not fork: in the child only async-signal-safe calls are allowed,
/// and Swift makes others whenever it likes.
package enum Spawn {
    /// Starts a program with exactly these descriptors (by the number that it gets) and this environment; returns its
    /// pid. With `newSession` it leads a session of its own and no signal of our terminal reaches it.
    ///
    /// All other descriptors are closed in the child, since not everyone marks theirs close-on-exec: SwiftNIO's epoll
    /// descriptors and accepted sockets are not. The signal mask and the dispositions are reset, since the threads of
    /// Swift's and Dispatch's pools block most signals, and a child inherits that.
    package static func start(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        descriptors: [Int32: Int32], directory: String = "/", newSession: Bool = true
    ) throws(SystemError) -> Int32 {
        // Moved out of the way first, or placing one could overwrite another that is still to be placed.
        let last = descriptors.keys.max() ?? 2
        var sources: [(target: Int32, source: Int32)] = []
        defer { for (_, source) in sources { close(source) } }
        for (target, source) in descriptors {
            sources.append(
                (target, try check("duplicate a descriptor") { fcntl(source, F_DUPFD_CLOEXEC, last + 1) }))
        }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in sources { posix_spawn_file_actions_adddup2(&actions, source, target) }
        cl_spawn_close_from(&actions, last + 1)
        cl_spawn_change_directory(&actions, directory)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, newSession ? flags | setSession : flags)

        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, program, &actions, &attributes, &words, &variables)
        guard failure == 0 else { throw SystemError("execute", program, errno: failure) }
        return pid
    }

    /// POSIX_SPAWN_SETSID, which <spawn.h> shows only with _GNU_SOURCE (glibc 2.26).
    private static let setSession: Int16 = 0x80
}
