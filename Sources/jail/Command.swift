// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// What the command line asks for.
enum Command {
    static let usage = """
        usage: jail run --profile FILE [--workspace DIR] [--env NAME=VALUE] [--user USER] [--] COMMAND [ARGUMENT ...]
               jail run --plan FILE
               jail check FILE
               jail explain FILE [--workspace DIR]
               jail shim [--ring BYTES]

        run      runs a command in a jail; exits as the command did, with 128+n for signal n, with 125 when the jail
                 could not be built, with 126 or 127 when the command could not be executed or found
        check    lists what is wrong with a profile
        explain  says what a process in a jail of this profile sees and may do
        shim     keeps an agent for supervisord, which starts it; not for people
        """

    /// Runs the command line and returns the exit code.
    static func run(_ arguments: [String]) -> Int32 {
        Signals.ignoreBrokenPipes()
        let rest = Array(arguments.dropFirst(2))
        switch arguments.dropFirst().first {
        case "run": return Run.run(rest)
        case "shim": return Shim.run(rest)
        case "check", "explain": return ProfileProgram.replaceThisProcess(arguments: Array(arguments.dropFirst()))
        case "--help", "-h", "help":
            print(usage)
            return 0
        default:
            return fail("expected run, check, explain or shim\n" + usage)
        }
    }

    /// Says why on standard error, and returns the exit code for failures of `jail`'s own.
    static func fail(_ message: String) -> Int32 {
        try? Files.write(Array("jail: \(message)\n".utf8), to: 2)
        return 125
    }
}
