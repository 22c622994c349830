// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// The jail's first process: it finishes the jail from inside, starts the agent, and from then on reaps what is
/// orphaned, passes signals on, and ends with its keeper or with the agent, whichever goes first. With it the kernel
/// ends everything else in the pid namespace, however it hid.
enum FirstProcess {
    static func run(_ plan: JailPlan, _ sources: HostSources) -> Never {
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
            try RootFilesystem.build(plan, sources)
            let terminal = try openTerminal(plan.terminal)
            try Privileges.drop(keeping: plan.capabilities)
            let filter = try SystemCallFilter(plan)
            let (agent, start) = try startAgent(plan, filter: filter, terminal: terminal, sources.passed)
            if !plan.capabilities.isEmpty {
                try stage("privileges") { () throws(SystemError) in try Privileges.giveUp() }
            }
            try stage("descriptors") { () throws(SystemError) in try letGo(keeping: start, sources.locks.descriptors) }
            var refused = RefusedCalls(program: filter.notifying)
            try waitForStart(&refused)
            try keep(agent, &refused)
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

    /// Starts the agent's process. What comes out of the returned socket is what hears its refused system calls, if the
    /// plan wants them heard, and why it could not execute its command.
    private static func startAgent(
        _ plan: JailPlan, filter: SystemCallFilter, terminal: Int32?, _ passed: PassedDescriptors
    ) throws(JailFailure) -> (agent: Int32, start: Int32) {
        try stage("fork") { () throws(SystemError) in
            let (ours, theirs) = try UnixSockets.pair()
            switch try Processes.fork() {
            case .child:
                close(ours)
                AgentProcess.run(plan, filter: filter, terminal: terminal, socket: theirs, passed)
            case .parent(let agent):
                close(theirs)
                return (agent, ours)
            }
        }
    }

    /// Keeps only the way to the keeper and the socket: an open end of the agent's terminal or pipes here would keep
    /// their readers waiting after the agent's end.
    private static func letGo(keeping start: Int32, _ locks: [Int32]) throws(SystemError) {
        let null = try Files.open("/dev/null", O_RDWR)
        for stream: Int32 in 0...2 { try check("place a descriptor") { dup2(null.number, stream) } }
        _ = null.release()
        let kept = [start] + locks
        let first = Builder.agentDirectory
        let above = (kept.max() ?? 0) + Int32(kept.count) + first
        // First out of the way of all the targets, then onto them.
        for (index, number) in kept.enumerated() {
            try check("move a descriptor") { dup2(number, above + Int32(index)) }
        }
        for index in 0..<Int32(kept.count) { try check("place a descriptor") { dup2(above + index, first + index) } }
        try Processes.closeDescriptors(above: first + Int32(locks.count))
    }

    /// Waits until the agent's process has executed its command, which closes its end of the socket.
    private static func waitForStart(_ refused: inout RefusedCalls) throws(JailFailure) {
        let problem = try stage("exec") { () throws(SystemError) in
            try refused.awaitStart(on: Builder.agentDirectory)
        }
        close(Builder.agentDirectory)
        if !problem.isEmpty { throw JailFailure(decoding: problem) }
        try stage("init") { () throws(SystemError) in try ControlMessage.executed.send(to: Builder.control) }
    }

    /// Until the agent's main process or the keeper ends.
    private static func keep(_ agent: Int32, _ refused: inout RefusedCalls) throws(JailFailure) -> Never {
        try stage("init") { () throws(SystemError) in
            let children = try SignalReader([SIGCHLD])
            while true {
                try reap(agent, &refused)
                var events = [
                    pollfd(fd: Builder.control, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: children.descriptor.number, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: refused.listener, events: Int16(POLLIN), revents: 0),
                ]
                try check("wait for events") { poll(&events, 3, refused.timeout) }
                try refused.serve(events[2])
                refused.report()
                while try children.next() != nil {}
                guard events[0].revents != 0 else { continue }
                let (bytes, _, _) = try UnixSockets.receive(from: Builder.control, limit: 16)
                guard let signal = bytes.first else { _exit(0) }
                if signal == ControlMessage.usageRequest {
                    try? ControlMessage.used(.ofThisNamespace()).send(to: Builder.control)
                    continue
                }
                // The agent leads its own process group; this reaches what it runs in the foreground as well.
                if kill(-agent, Int32(signal)) != 0 { kill(agent, Int32(signal)) }
            }
        }
    }

    /// Takes the ends of all processes that ended, and ends the jail if the agent's is among them.
    private static func reap(_ agent: Int32, _ refused: inout RefusedCalls) throws(SystemError) {
        while true {
            guard let (pid, end, _) = try Processes.reap() else { return }
            if pid == agent {
                refused.report(last: true)
                try? ControlMessage.ended(end).send(to: Builder.control)
                _exit(0)
            }
        }
    }
}
