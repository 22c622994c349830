// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import FoundationEssentials
import Glibc
import Profiles

/// The command line of sandbox profiles.
struct JailProfile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jail-profile",
        abstract: "Check and explain sandbox profiles, and compile them to plans for jail.",
        discussion: "Exit status: 0, or 1 when something is wrong with a file or a request, or 2 for wrong usage.",
        subcommands: [Compile.self, Check.self, Explain.self, Schema.self])

    /// Like `main()`, but with an exit status of 2 for wrong usage, as jail and other tools of this kind have it.
    static func runAndExit() -> Never {
        do {
            var command = try parseAsRoot()
            try command.run()
            Glibc.exit(0)
        } catch let error as ProfileProblems {
            complain(error.problems.map(\.description))
        } catch let error as PlanError {
            complain([error.description])
        } catch let code as ExitCode {
            // It has been said what is wrong.
            Glibc.exit(code.rawValue)
        } catch {
            let code = exitCode(for: error)
            if code == .success { exit(withError: error) }
            standardError(
                fullMessage(for: error).split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
            Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }

    private static func complain(_ lines: [String]) -> Never {
        standardError(lines)
        Glibc.exit(1)
    }

    private static func standardError(_ lines: [String]) {
        // With nobody to read it there is nothing more to be done than to exit as meant.
        try? FileDescriptorStream.write(lines.map(visible).joined(separator: "\n") + "\n", to: STDERR_FILENO)
    }
}
