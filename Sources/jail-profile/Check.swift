// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import Glibc
import Profiles

/// `jail-profile check`
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Name everything that is wrong with a profile.")

    @Argument(help: ArgumentHelp("A file, or a name to look up.", valueName: "file|name"))
    var file: String

    @Flag(help: "The file is a launcher.")
    var launcher = false

    @Option(help: ArgumentHelp("text, on standard error, or json: one object a line, on standard output."))
    var format = OutputFormat.text

    @OptionGroup var library: LibraryOptions

    func run() throws {
        do {
            try look()
        } catch let problems as ProfileProblems where format == .json {
            for problem in problems.problems {
                try FileDescriptorStream.write(JSONText.canonical(problem.json) + "\n", to: STDOUT_FILENO)
            }
            throw ExitCode(1)
        }
    }

    private func look() throws {
        guard launcher else {
            _ = try library.profile(file)
            return
        }
        // Useless without its profile, so that is looked at, too.
        _ = try library.profiles.load(named: library.launcher(file).profile, settings: library.settings)
    }
}

extension ProfileProblem {
    fileprivate var json: JSONText {
        .object([
            "file": .string(file), "line": .number(Int64(line)), "column": .number(Int64(column)),
            "message": .string(message),
        ])
    }
}
