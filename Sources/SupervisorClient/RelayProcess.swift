// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A process whose standard input and output are one end of a connection, as ssh's are.
struct RelayProcess: Sendable {
    let pid: pid_t
    /// The other end of the connection, which is the caller's to close.
    let socket: Int32

    /// - Parameter command: a program, looked up in PATH, and its words. Its errors go to our standard error, and it may ask
    ///   its questions at our terminal.
    static func start(_ command: [String]) throws -> RelayProcess {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw IOError(errnoCode: errno, reason: "socketpair") }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads on which tasks run block signals, and NIO has SIGPIPE ignored; ssh is to find both as from a shell.
        var (none, pipe) = (sigset_t(), sigset_t())
        sigaddset(&pipe, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &pipe)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let code = withoutInterrupts { posix_spawnp(&pid, command[0], &actions, &attributes, &words, environ) }
        guard code == 0 else {
            close(ends[0])
            throw IOError(errnoCode: code, reason: "start \(command[0])")
        }
        return RelayProcess(pid: pid, socket: ends[0])
    }

    private static let ignoring = Mutex(())

    /// An interrupt from the terminal is ours to answer, and must not break the connection by ending ssh with it: a program
    /// that was started with a signal ignored leaves it so (execve(2); ssh looks). posix_spawn(3) cannot do that in the
    /// child alone, and signals that are only blocked would keep ssh from ending its question for a password. One at a
    /// time: another would take what this one ignores for what was there before, and leave it so.
    private static func withoutInterrupts(_ body: () -> Int32) -> Int32 {
        ignoring.withLock { _ in
            let signals = [SIGINT, SIGQUIT, SIGTSTP]
            var before: [sigaction] = []
            for number in signals {
                var ignore = sigaction()
                ignore.__sigaction_handler.sa_handler = SIG_IGN
                var old = sigaction()
                sigaction(number, &ignore, &old)
                before.append(old)
            }
            defer {
                for (number, old) in zip(signals, before) {
                    withUnsafePointer(to: old) { _ = sigaction(number, $0, nil) }
                }
            }
            return body()
        }
    }

    /// Has the kernel forget it once the connection is closed, which ends it.
    func forget(afterCloseOf client: SupervisorClient) {
        client.closed.whenComplete { _ in
            NIOThreadPool.singleton.submit { _ in
                var status: Int32 = 0
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            }
        }
    }

    /// Waits for its end, for a moment, and returns its exit code; nil when it has not ended or was killed.
    func exitCode() -> Int32? {
        for _ in 0..<50 {
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid { return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil }
            usleep(20_000)
        }
        // One that stays although the connection is closed would stay for ever.
        kill(pid, SIGTERM)
        return nil
    }
}

extension SupervisorClient {
    /// Connects to the daemon of another machine, through `agentctl relay` there, which ssh runs.
    ///
    /// - Parameters:
    ///   - ssh: the program, by name or path.
    ///   - program: `agentctl` over there, by name or path.
    public static func connect(
        to destination: SSHDestination, ssh: String = "ssh", program: String = "agentctl"
    ) async throws(ClientError) -> SupervisorClient {
        let process: RelayProcess
        let client: SupervisorClient
        do {
            process = try RelayProcess.start(destination.command(ssh: ssh, program: program))
            client = try await self.client(over: process.socket)
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            throw ClientError(.unreachable, "cannot run \(ssh) to reach \(destination.description): \(reason)")
        } catch {
            throw ClientError(.unreachable, "cannot reach \(destination.description): \(error)")
        }
        do {
            // So that a connection that never came to be is told from one that broke.
            _ = try await client.call(SupervisorStatus.self, .init())
            process.forget(afterCloseOf: client)
            return client
        } catch {
            client.close()
            throw explain(error, process.exitCode(), destination, program)
        }
    }

    private static func explain(
        _ error: any Error, _ code: Int32?, _ destination: SSHDestination, _ program: String
    ) -> ClientError {
        let place = destination.description
        switch code {
        case 255?: return ClientError(.unreachable, "ssh cannot connect to \(place); what it says is above")
        case 127?:
            return ClientError(
                .unreachable,
                "there is no \(program) in the PATH that ssh gives commands at \(place); install it there, or name it with "
                    + "AGENT_SUPERVISOR_REMOTE_AGENTCTL")
        case 5?: return ClientError(.noDaemon, "no daemon answers at \(place); what agentctl there says is above")
        case 4?: return ClientError(.notPermitted, "the daemon at \(place) refuses; what agentctl there says is above")
        default: break
        }
        if let error = error as? ProtocolError {
            return ClientError(error.kind == .permissionDenied ? .notPermitted : .unreachable, "\(place): \(error)")
        }
        return ClientError(.unreachable, "there is no daemon's answer from \(place): \(error)")
    }
}
