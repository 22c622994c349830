// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import FoundationEssentials
import Glibc
import JailPlan
import Profiles

/// `jail-profile compile`
struct Compile: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the plan for a command under a profile, as JSON for jail.",
        discussion: "The plan holds the command's whole environment: pipe it, or keep it from others.")

    @Option(help: ArgumentHelp("A file, or a name to look up.", valueName: "file|name"))
    var profile: String

    @OptionGroup var library: LibraryOptions

    @OptionGroup var jail: JailOptions

    @Option(
        name: .customLong("env"),
        help: ArgumentHelp(
            "A variable for the command's environment; without a value, the caller's. May be given repeatedly.",
            valueName: "name[=value]"))
    var environment: [String] = []

    @OptionGroup var owner: OwnerOptions

    @Option(help: ArgumentHelp("A terminal of the jail's own, of this size.", valueName: "columnsxrows"))
    var tty: TerminalSize?

    @Flag(help: "The caller's own standard streams. This is what happens without --tty.")
    var inherit = false

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.")
    var command: [String] = []

    func validate() throws {
        if command.isEmpty { throw ValidationError("there is no command; it comes last, after --") }
        if inherit, tty != nil { throw ValidationError("--tty and --inherit exclude each other") }
        for variable in environment where variable.isEmpty || variable.hasPrefix("=") {
            throw ValidationError("--env takes NAME=VALUE or NAME, not \"\(variable)\"")
        }
    }

    func run() throws {
        let profile = try library.profile(profile)
        var request = try jail.request(for: try owner.owner(), command: command, under: profile)
        request.machineID = .random(in: 1...UInt128.max)
        request.terminal = tty.map { .pty(columns: $0.columns, rows: $0.rows) } ?? .inherit
        for variable in environment {
            let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let value = parts.count == 2 ? parts[1] : getenv(parts[0]).map({ String(cString: $0) }) else {
                throw ValidationError("--env \(variable): there is no variable \(variable) here to pass on")
            }
            request.environment[parts[0]] = value
        }
        let plan = try profile.plan(request)
        try FileDescriptorStream.write(JSONText.canonical(plan) + "\n", to: STDOUT_FILENO)
    }
}

/// `80x24`
struct TerminalSize: ExpressibleByArgument {
    var columns: UInt16
    var rows: UInt16

    init?(argument: String) {
        let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { UInt16($0) }
        guard parts.count == 2, let columns = parts[0], let rows = parts[1], columns > 0, rows > 0 else { return nil }
        self.columns = columns
        self.rows = rows
    }
}

enum AbsolutePath {
    /// A path that the caller gave, as seen from its working directory.
    static func of(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        // `..` and links are the kernel's to resolve: a path that does not exist is left as it is, for jail to refuse.
        if let resolved = realpath(path, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        return FileManager.default.currentDirectoryPath + "/" + path
    }
}
