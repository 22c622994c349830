// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// The agent's own process, from its birth in the finished jail to the execution of its command.
enum AgentProcess {
    static func run(_ plan: JailPlan, terminal: Int32?, failures: Int32) -> Never {
        do {
            try stage("init") { () throws(SystemError) in try ControlMessage.agentStarted.send(to: Builder.control) }
            try stage("session") { () throws(SystemError) in try startSession(terminal) }
            try stage("limits") { () throws(SystemError) in
                for limit in plan.limits {
                    try ResourceLimits.lower(limit.resource, soft: limit.soft, hard: limit.hard)
                }
            }
            _ = Glibc.umask(plan.umask)
            let directory = plan.command.workingDirectory
            try stage("directory") { () throws(SystemError) in try check("enter", directory) { chdir(directory) } }
            Signals.reset()
            // The pipe for failures goes to 3, which execution closes; everything else goes now.
            try stage("descriptors") { () throws(SystemError) in
                try place(failures)
                try Processes.closeDescriptors(above: 3)
            }
            try Proof.beforeFilter()
            try SystemCallFilter.apply(plan.systemCalls)
            try Proof.afterFilter()
            try execute(plan.command)
        } catch {
            try? Files.write(error.encoded, to: 3)
            _exit(125)
        }
    }

    private static func startSession(_ terminal: Int32?) throws(SystemError) {
        try check("start a session") { setsid() }
        guard let terminal else { return }
        try Terminals.takeControl(of: terminal)
        for stream: Int32 in 0...2 { try check("place the terminal") { dup2(terminal, stream) } }
    }

    private static func place(_ failures: Int32) throws(SystemError) {
        if failures == 3 {
            try check("mark a descriptor") { fcntl(3, F_SETFD, FD_CLOEXEC) }
        } else {
            try check("place a descriptor") { duplicate(failures, closingOnExecution: 3) }
        }
    }

    /// Executes the command, looked up in its own PATH when its name has no slash. Returns only by failing.
    private static func execute(_ command: JailPlan.Command) throws(JailFailure) -> Never {
        guard let name = command.arguments.first, !name.isEmpty else {
            throw JailFailure(stage: "exec", action: "no command was given")
        }
        let directories = (command.environment["PATH"] ?? "").split(separator: ":")
        let candidates = name.contains("/") ? [name] : directories.map { $0 + "/" + name }
        var arguments: [UnsafeMutablePointer<CChar>?] = command.arguments.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] =
            command.environment.sorted { $0.key < $1.key }.map { strdup($0.key + "=" + $0.value) } + [nil]
        var reason = ENOENT
        for candidate in candidates {
            execve(candidate, &arguments, &environment)
            // As execvp(3): go on looking where it is not, but remember a file that was there and could not be run.
            if errno != ENOENT && errno != ENOTDIR { reason = errno }
            if reason != ENOENT && reason != EACCES { break }
        }
        throw JailFailure(
            stage: "exec", SystemError("execute", name, errno: reason),
            hint: name.contains("/")
                ? "the path is looked up inside the jail: the profile has to name it or a directory above it"
                : "it is looked up inside the jail, in PATH=\(command.environment["PATH"] ?? "")")
    }
}
