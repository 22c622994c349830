// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// The options of `jail run`.
struct RunOptions {
    struct Problem: Error {
        var message: String
    }

    /// Where JSON lines about the jail's life go, an open descriptor.
    private(set) var status: Int32?
    /// Whether to say at the end which system calls were refused.
    private(set) var isVerbose = false
    private(set) var logFile: String?
    /// Where to write what files and addresses were asked for.
    private(set) var reportFile: String?
    private(set) var passed = PassedDescriptors()
    private var name: String?
    private var timeout: Int64?
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
            rest.removeFirst()
            if word == "--verbose" {
                isVerbose = true
                continue
            }
            let (name, inline) = Self.split(word)
            guard let value = inline ?? rest.popFirst() else { throw Problem(message: "\(name) needs a value") }
            try take(name, value)
        }
        guard planFile != nil || hasProfile else { throw Problem(message: "--profile FILE is missing") }
        guard planFile != nil || !command.isEmpty else { throw Problem(message: "the command to run is missing") }
        guard planFile == nil || (passedOn.isEmpty && command.isEmpty) else {
            throw Problem(message: "--plan has everything in it that is about the jail: give no profile and no command")
        }
    }

    private mutating func take(_ option: String, _ value: String) throws(Problem) {
        switch option {
        case "--plan": planFile = value
        case "--profile", "--set", "--workspace", "--chdir", "--env", "--user", "--directory", "--changes",
            "--outside":
            hasProfile = hasProfile || option == "--profile"
            passedOn.append("\(option)=\(value)")
        case "--argv0": name = value
        case "--timeout":
            timeout = Self.milliseconds(value)
            if timeout == nil {
                throw Problem(message: "--timeout \(value) is not a duration, such as 500ms, 90s, 5m, 2h or 1d")
            }
        case "--status-fd": status = try Self.descriptor(option, value)
        case "--execute-fd": passed.program = try Self.descriptor(option, value)
        case "--pass-fd":
            let number = try Self.descriptor(option, value)
            guard number > 2 else {
                throw Problem(message: "\(option) \(value): the standard streams are passed anyway")
            }
            // From an open directory of the host's everything could be opened, whatever the mounts say.
            guard (try? Files.status(number))?.isDirectory != true else {
                throw Problem(message: "\(option) \(value): it is a directory, which would lead out of the jail")
            }
            if !passed.numbers.contains(number) { passed.numbers.append(number) }
        case "--log-file": logFile = value
        case "--report": reportFile = value
        default: throw Problem(message: "unknown option \(option)")
        }
    }

    private static func split(_ word: String) -> (name: String, value: String?) {
        guard let equals = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }

    /// More is a mistake, and would be past the end of the clock.
    private static let longestTimeout: Int64 = 100 * 366 * 86_400_000

    /// A whole number and a unit.
    static func milliseconds(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [String: Int64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let count = Int64(digits), count > 0, let unit = units[String(text[digits.endIndex...])] else {
            return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit)
        return overflow || product > longestTimeout ? nil : product
    }

    /// The number of a descriptor that we were started with.
    private static func descriptor(_ option: String, _ value: String) throws(Problem) -> Int32 {
        guard let number = Int32(value), number >= 0, fcntl(number, F_GETFD) >= 0 else {
            throw Problem(message: "\(option) \(value): there is no open descriptor of this number")
        }
        return number
    }

    // MARK: - The plan

    func plan() throws -> JailPlan {
        var plan = try compiledPlan()
        if let name {
            plan.command.program = plan.command.program ?? plan.command.arguments.first
            plan.command.arguments = [name] + plan.command.arguments.dropFirst()
        }
        if reportFile != nil {
            guard case .policy(var policy) = plan.systemCalls else {
                throw ProfileProgram.Failure(
                    message: "--report needs a plan whose system call filter is not compiled yet")
            }
            policy.observes = true
            plan.systemCalls = .policy(policy)
        }
        if let timeout { plan.timeouts.wall = min(timeout, plan.timeouts.wall ?? timeout) }
        return plan
    }

    private func compiledPlan() throws -> JailPlan {
        if let planFile { return try Self.read(planFile) }
        var terminal = ["--inherit"]
        if isatty(0) == 1, isatty(1) == 1, let size = try? Terminals.size(0) {
            terminal = ["--tty", "\(max(size.columns, 1))x\(max(size.rows, 1))"]
        }
        return try ProfileProgram.compile(passedOn + terminal + ["--"] + command)
    }

    private static func read(_ path: String) throws -> JailPlan {
        let file = try Files.open(path, O_RDONLY)
        let bytes = try Files.readAll(file.number)
        do throws(JailFailure) {
            return try JailPlan(json: bytes)
        } catch {
            throw ProfileProgram.Failure(message: "\(path) is no plan as jail-profile compile writes them: \(error)")
        }
    }
}
