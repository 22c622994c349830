// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// The agent's own process, from its birth in the finished jail to the execution of its command.
enum AgentProcess {
    /// `socket` leads to the first process, and is closed by the execution of the command.
    static func run(
        _ plan: JailPlan, filter: SystemCallFilter, terminal: Int32?, socket: Int32, _ passed: PassedDescriptors
    ) -> Never {
        // Where the first process is told of failures.
        var failures = socket
        do {
            // The locks and the whole /proc are the first process's business.
            let kept = [Builder.control, socket] + [terminal].compactMap(\.self) + passed.placement.map(\.to)
            try stage("descriptors") { () throws(SystemError) in try Processes.closeDescriptors(besides: kept) }
            try stage("init") { () throws(SystemError) in try ControlMessage.agentStarted.send(to: Builder.control) }
            try stage("session") { () throws(SystemError) in try startSession(terminal, passed) }
            try stage("descriptors") { () throws(SystemError) in try StandardStreams.letGoOfHost() }
            try Scheduling.apply(plan)
            let limits = try ProcessLimits(plan)
            _ = Glibc.umask(plan.umask)
            let directory = plan.command.workingDirectory
            try stage("directory") { () throws(SystemError) in try enter(directory) }
            Signals.reset()
            let hasLandlock = try FileAccess.restrict(plan, program: passed.programWhileBuilding)
            // Nothing that a plan allows to be missing comes after this: the way to the keeper is closed.
            let places = try stage("descriptors") { () throws(SystemError) in try passed.settle(socket) }
            failures = places.socket
            try Proof.beforeFilter(plan, hasLandlock: hasLandlock)
            var program = try Program(plan.command, opened: places.program)
            try limits.applyFirst()
            try filter.applyHard()
            try Proof.afterFilter()
            // As late as can be: they may leave too little for what comes before.
            try limits.apply()
            try filter.applyPolicy(listener: failures)
            try program.execute()
        } catch {
            try? Files.write(error.encoded, to: failures)
            _exit(125)
        }
    }

    /// Where an earlier agent may have left a link. One of the kernel's own would lead to what this process has open,
    /// which is the host's (CVE-2024-21626).
    private static func enter(_ directory: String) throws(SystemError) {
        do {
            let opened = try Files.open(
                directory, Files.pathOnly | O_DIRECTORY, resolve: cl_RESOLVE_NO_MAGICLINKS, at: AT_FDCWD)
            try check("enter", directory) { fchdir(opened.number) }
        } catch {
            throw SystemError("enter", directory, errno: error.errno)
        }
    }

    private static func startSession(_ terminal: Int32?, _ passed: PassedDescriptors) throws(SystemError) {
        try check("start a session") { setsid() }
        guard let terminal else { return }
        try Terminals.takeControl(of: terminal)
        for stream: Int32 in passed.keepsError ? [0, 1] : [0, 1, 2] {
            try check("place the terminal") { dup2(terminal, stream) }
        }
    }
}

/// The command as execve(2) takes it.
private struct Program {
    private let name: String
    private let path: String
    private let candidates: [String]
    /// The program itself, open, instead of its name.
    private let opened: Int32?
    private var arguments: [UnsafeMutablePointer<CChar>?]
    private var environment: [UnsafeMutablePointer<CChar>?]

    init(_ command: JailPlan.Command, opened: Int32?) throws(JailFailure) {
        self.opened = opened
        guard let word = command.program ?? command.arguments.first, !word.isEmpty else {
            throw JailFailure(stage: "exec", action: "no command was given")
        }
        name = word
        path = command.environment["PATH"] ?? ""
        candidates = name.contains("/") ? [name] : path.split(separator: ":").map { [name] in $0 + "/" + name }
        arguments = command.arguments.map { strdup($0) } + [nil]
        environment = command.environment.sorted { $0.key < $1.key }.map { strdup($0.key + "=" + $0.value) } + [nil]
    }

    /// Looked up in its own PATH when its name has no slash. Returns only by failing.
    mutating func execute() throws(JailFailure) -> Never {
        if let opened {
            cl_execute_opened(opened, &arguments, &environment)
            throw JailFailure(
                stage: "exec", SystemError("execute the open program", name, errno: errno),
                hint: "a script cannot be executed like this: its interpreter could not open it")
        }
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
                : "it is looked up inside the jail, in PATH=\(path)")
    }
}
