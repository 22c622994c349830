// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import Glibc
import SupervisorClient

/// Runs one command and ends the process with the right exit code.
enum Program {
    static func run(_ arguments: [String]) async -> Never {
        do {
            var command = try AgentCtl.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            exit(0)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch is BrokenPipe {
            // Die as a program does that writes to a pipe nobody reads. NIO has the signal ignored.
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
            exit(128 + SIGPIPE)
        } catch {
            if let failure = Failure(error) {
                StandardError.report(failure)
                exit(failure.exitCode)
            }
            let code = AgentCtl.exitCode(for: error)
            // What was asked for, such as --help, goes to the standard output.
            guard code != .success else {
                try? StandardOutput.write(AgentCtl.fullMessage(for: error) + "\n")
                exit(0)
            }
            StandardError.write(AgentCtl.fullMessage(for: error))
            exit(code == .validationFailure ? 2 : 1)
        }
    }
}
