// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux

/// `jail run`: one command in one jail, from a shell.
enum Run {
    static func run(_ arguments: [String]) -> Int32 {
        do {
            let options = try RunOptions(arguments)
            let plan = try options.plan()
            return try Foreground.keep(plan)
        } catch let problem as RunOptions.Problem {
            return Command.fail(problem.message + "\n" + Command.usage)
        } catch let failure as ProfileProgram.Failure {
            return Command.fail(failure.message)
        } catch let failure as JailFailure {
            let code = Command.fail("\(failure.stage): \(failure)")
            // As env(1) and timeout(1): a missing command is not a failure of the jail's.
            guard failure.stage == "exec" else { return code }
            return failure.errno == "ENOENT" ? 127 : 126
        } catch {
            return Command.fail("\(error)")
        }
    }
}

/// The options of `jail run`.
struct RunOptions {
    struct Problem: Error {
        var message: String
    }

    private var planFile: String?
    private var hasProfile = false
    /// What goes on to jail-profile as it is.
    private var passedOn: [String] = []
    private var command: [String] = []

    init(_ arguments: [String]) throws(Problem) {
        var rest = arguments[...]
        while let word = rest.first {
            if word == "--" {
                command = Array(rest.dropFirst())
                break
            }
            guard word.hasPrefix("--") else {
                command = Array(rest)
                break
            }
            let (name, inline) = RunOptions.split(word)
            rest.removeFirst()
            guard let value = inline ?? rest.popFirst() else { throw Problem(message: "\(name) needs a value") }
            switch name {
            case "--plan": planFile = value
            case "--profile", "--workspace", "--env", "--user", "--directory":
                hasProfile = hasProfile || name == "--profile"
                passedOn += [name, value]
            default: throw Problem(message: "unknown option \(name)")
            }
        }
        guard planFile != nil || hasProfile else { throw Problem(message: "--profile FILE is missing") }
        guard planFile != nil || !command.isEmpty else { throw Problem(message: "the command to run is missing") }
        guard planFile == nil || (passedOn.isEmpty && command.isEmpty) else {
            throw Problem(message: "--plan has everything in it and goes with nothing else")
        }
    }

    private static func split(_ word: String) -> (name: String, value: String?) {
        guard let equals = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }

    func plan() throws -> JailPlan {
        if let planFile { return try RunOptions.read(planFile) }
        var terminal = ["--inherit"]
        if isatty(0) == 1, isatty(1) == 1, let size = try? Terminals.size(0) {
            terminal = ["--tty", "\(max(size.columns, 1))x\(max(size.rows, 1))"]
        }
        return try ProfileProgram.compile(passedOn + terminal + ["--"] + command)
    }

    private static func read(_ path: String) throws -> JailPlan {
        let file = try Files.open(path, O_RDONLY)
        let bytes = try Files.readAll(file.number)
        do {
            return try JSONDecoder().decode(JailPlan.self, from: Data(bytes))
        } catch {
            throw ProfileProgram.Failure(
                message: "\(path) is no plan as jail-profile compile writes them: \(error)")
        }
    }
}
