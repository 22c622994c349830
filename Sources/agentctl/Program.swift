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
            try checkCommand(arguments)
            var command = try await AgentCtl.asyncParseAsRoot(arguments)
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
            StandardStreams.endColours()
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
            StandardError.write(own(AgentCtl.fullMessage(for: error)))
            exit((code == .validationFailure ? ExitStatus.usage : .failure).rawValue)
        }
    }

    /// The argument parser's message in the form of ours.
    private static func own(_ message: String) -> String {
        let plain = PlainText.plainLines(message)
        return plain.hasPrefix("Error: ") ? "agentctl: \(plain.dropFirst(7))" : plain
    }

    /// The argument parser would call a mistyped command an unexpected argument, without a word of what there is.
    private static func checkCommand(_ arguments: [String]) throws {
        guard let word = AgentCtl.commandWord(among: arguments), !AgentCtl.commandNames.contains(word) else { return }
        let near = NearestNames.of(word, among: AgentCtl.commandNames)
        throw Failure.usage(
            "there is no command \"\(word)\"",
            hint: near.isEmpty
                ? "\"agentctl --help\" shows the commands that there are" : "did you mean \(NearestNames.text(near))?")
    }
}
