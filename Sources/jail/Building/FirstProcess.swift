// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// The jail's first process: it finishes the jail from inside, starts the agent, and from then on reaps what is
/// orphaned, passes signals on, and ends with its keeper or with the agent, whichever goes first. With it the kernel
/// ends everything else in the pid namespace, however it hid.
enum FirstProcess {
    static func run(_ plan: JailPlan, hasAgentDirectory: Bool) -> Never {
        do {
            try stage("init") { () throws(SystemError) in
                // The agent runs as the same user: without this it could trace this process, or read its memory.
                try Processes.set(.dumpable, 0)
                try ControlMessage.initStarted.send(to: Builder.control)
            }
            if plan.network == .none {
                try stage("network.loopback") { () throws(SystemError) in try Namespaces.raiseLoopback() }
            }
            try stage("hostname") { () throws(SystemError) in try Namespaces.setHostname(plan.hostname) }
            try RootFilesystem.build(plan, hasAgentDirectory: hasAgentDirectory)
            let terminal = try openTerminal(plan.terminal)
            try stage("privileges") { () throws(SystemError) in try Privileges.dropAll() }
            let (agent, start) = try startAgent(plan, terminal: terminal)
            try stage("descriptors") { () throws(SystemError) in try letGo(keeping: start) }
            try waitForStart(start)
            try keep(agent)
        } catch {
            Builder.fail(error)
        }
    }

    /// The jail's terminal, whose master side goes to the keeper; returns the side for the agent.
    private static func openTerminal(_ terminal: JailPlan.Terminal) throws(JailFailure) -> Int32? {
        guard case .pty(let columns, let rows) = terminal else { return nil }
        return try stage("terminal") { () throws(SystemError) in
            let (master, slave) = try Terminals.open(multiplexer: "/dev/ptmx", columns: columns, rows: rows)
            try ControlMessage.terminal.send(to: Builder.control, descriptor: master)
            close(master)
            return slave
        }
    }

    /// Starts the agent's process. What it writes to the returned pipe is why it could not execute its command.
    private static func startAgent(
        _ plan: JailPlan, terminal: Int32?
    ) throws(JailFailure) -> (agent: Int32, start: Int32) {
        try stage("fork") { () throws(SystemError) in
            var ends: [Int32] = [-1, -1]
            try check("create a pipe") { pipe(&ends) }
            switch try Processes.fork() {
            case .child:
                close(ends[0])
                AgentProcess.run(plan, terminal: terminal, failures: ends[1])
            case .parent(let agent):
                close(ends[1])
                return (agent, ends[0])
            }
        }
    }

    /// Keeps only the way to the keeper and the pipe: an open end of the agent's terminal or pipes here would keep
    /// their readers waiting after the agent's end.
    private static func letGo(keeping start: Int32) throws(SystemError) {
        let null = try Files.open("/dev/null", O_RDWR)
        for stream: Int32 in 0...2 { try check("place a descriptor") { dup2(null.number, stream) } }
        _ = null.release()
        try check("place a descriptor") { dup2(start, Builder.agentDirectory) }
        try Processes.closeDescriptors(above: Builder.agentDirectory)
    }

    /// Waits until the agent's process has executed its command, which closes its end of the pipe.
    private static func waitForStart(_ pipe: Int32) throws(JailFailure) {
        let problem = try stage("exec") { () throws(SystemError) in
            try Files.readAll(Builder.agentDirectory, limit: ControlMessage.maximumSize)
        }
        close(Builder.agentDirectory)
        if !problem.isEmpty { throw JailFailure(decoding: problem) }
        try stage("init") { () throws(SystemError) in try ControlMessage.executed.send(to: Builder.control) }
    }

    /// Until the agent's main process or the keeper ends.
    private static func keep(_ agent: Int32) throws(JailFailure) -> Never {
        try stage("init") { () throws(SystemError) in
            let children = try SignalReader([SIGCHLD])
            while true {
                try reap(agent)
                var events = [
                    pollfd(fd: Builder.control, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: children.descriptor.number, events: Int16(POLLIN), revents: 0),
                ]
                try check("wait for events") { poll(&events, 2, -1) }
                while try children.next() != nil {}
                guard events[0].revents != 0 else { continue }
                let (bytes, _, _) = try UnixSockets.receive(from: Builder.control, limit: 16)
                guard let signal = bytes.first else { _exit(0) }
                // The agent leads its own process group; this reaches what it runs in the foreground as well.
                if kill(-agent, Int32(signal)) != 0 { kill(agent, Int32(signal)) }
            }
        }
    }

    /// Takes the ends of all processes that ended, and ends the jail if the agent's is among them.
    private static func reap(_ agent: Int32) throws(SystemError) {
        while true {
            guard let (pid, end) = try Processes.reap() else { return }
            if pid == agent {
                try? ControlMessage.ended(end).send(to: Builder.control)
                _exit(0)
            }
        }
    }
}
