// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import WorkspaceChanges

/// What the command line asks for.
enum Command {
    static let usage = """
        usage: jail run --profile FILE|NAME [--set YAML ...] [--workspace DIR] [--chdir DIR] [--env NAME[=VALUE] ...]
                        [--user USER] [--changes DIR] [--outside UID:GID] [OPTION ...] [--] COMMAND [ARGUMENT ...]
               jail run --plan FILE [OPTION ...]
               jail check FILE|NAME [--set YAML ...]
               jail explain FILE|NAME [--set YAML ...] [--workspace DIR]     (all options: jail-profile help explain)
               jail filters
               jail changes list|diff|apply|discard --changes DIR [PATH ...]
               jail shim [--ring BYTES]

        run      runs a command in a jail; exits as the command did, with 128+n for signal n, with 125 when the options
                 or the profile are wrong or the jail could not be built, with 126 or 127 when the command could not be
                 executed or found, with 124 when a timeout ended it, with 137 when its memory was used up
        check    lists what is wrong with a profile
        explain  says what a process in a jail of this profile sees and may do
        filters  turns a plan's system call policy, on standard input, into filters for the same plan on this machine
        changes  shows what an agent changed in an overlay over its workspace, applies or discards it; exits with 1
                 when something is refused (jail changes --help)
        shim     keeps an agent for supervisord, which starts it; not for people

        options of run:
          --timeout 5m       ends the command after that time, as the profile's timeouts.wall
          --argv0 NAME       what the command is called by itself
          --pass-fd N        gives the command an open descriptor, under the same number; may be repeated
          --execute-fd N     executes an open program; COMMAND is what it is called
          --status-fd N      writes JSON lines to an open descriptor: started, missing, refused, ended
          --log-file FILE    appends what jail itself has to say to a file, instead of standard error
          --report FILE      writes which files and addresses the command asked for, JSON lines; it is slower then
          --verbose          says at the end which system calls were refused
        """

    /// Runs the command line and returns the exit code.
    static func run(_ arguments: [String]) -> Int32 {
        Signals.ignoreFailedWrites()
        let rest = Array(arguments.dropFirst(2))
        switch arguments.dropFirst().first {
        case "run": return Run.run(rest)
        case "shim": return Shim.run(rest)
        case "filters": return Filters.run(rest)
        case "probe": return Probe.run(rest)
        case "changes": return Changes.run(rest)
        case "check", "explain": return ProfileProgram.replaceThisProcess(arguments: Array(arguments.dropFirst()))
        case "--help", "-h", "help":
            print(usage)
            return 0
        default:
            return fail("expected run, check, explain, filters, changes or shim\n" + usage)
        }
    }

    /// Says why on standard error, and returns the exit code for failures of `jail`'s own.
    static func fail(_ message: String) -> Int32 {
        say(message)
        return 125
    }

    /// Where what `jail` has to say goes. This program has one thread (and a test for that).
    nonisolated(unsafe) private static var messages: Int32 = 2

    /// On a terminal that nobody reads it stays unsaid: there are things to be done that must not wait for that.
    static func say(_ message: String) {
        var room = pollfd(fd: messages, events: Int16(POLLOUT), revents: 0)
        guard poll(&room, 1, 1000) == 1 else { return }
        let bytes = Array("jail: \(message)\n".utf8)
        try? Files.write(isatty(messages) == 1 ? VisibleText.of(bytes) : bytes, to: messages)
    }

    /// From now on messages are appended to a file. Of that name itself: an agent could have left a link there.
    static func sayInto(_ path: String) throws(SystemError) {
        messages = try Files.open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY).release()
    }
}
