// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
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
                // Beside the socket, which is only heard when there is time for it. The kernel sends this one if the
                // keeper could: it runs as the same user, or as root (group_send_sig_info in kernel/signal.c).
                try Processes.set(.parentDeathSignal, UInt(SIGKILL))
                try ControlMessage.initStarted.send(to: Builder.control)
            }
            if plan.network == .none {
                try stage("network.loopback") { () throws(SystemError) in try Namespaces.raiseLoopback() }
            }
            try stage("hostname") { () throws(SystemError) in try Namespaces.setHostname(plan.hostname) }
            let processes = try RootFilesystem.build(plan, sources)
            let terminal = try openTerminal(plan.terminal)
            try Privileges.drop(keeping: plan.capabilities)
            let filter = try SystemCallFilter(plan)
            let (agent, start) = try startAgent(plan, filter: filter, terminal: terminal, sources.passed)
            // Who listens for the agent, or takes down what it asks for, has to have what the agent has, or may not look
            // into it (ptrace(2)).
            if !plan.capabilities.isEmpty, !filter.looksInside {
                try stage("privileges") { () throws(SystemError) in try Privileges.giveUp() }
            }
            let everyProcess = processes.release()
            try stage("descriptors") { () throws(SystemError) in
                try letGo(keeping: [start, everyProcess] + sources.locks.descriptors)
            }
            let proc = Builder.agentDirectory + 1
            var heard = HeardCalls(program: filter.notifying, proc: proc, agent: agent, ports: plan.ports)
            try waitForStart(&heard)
            try keep(agent, &heard, proc: proc, ownsNetwork: plan.network == .none)
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

    /// Keeps only the way to the keeper and these, under the numbers from `Builder.agentDirectory` on: an open end of
    /// the agent's terminal or pipes here would keep their readers waiting after the agent's end.
    private static func letGo(keeping kept: [Int32]) throws(SystemError) {
        let null = try Files.open("/dev/null", O_RDWR)
        for stream: Int32 in 0...2 { try check("place a descriptor") { dup2(null.number, stream) } }
        _ = null.release()
        let first = Builder.agentDirectory
        let above = (kept.max() ?? 0) + Int32(kept.count) + first
        // First out of the way of all the targets, then onto them.
        for (index, number) in kept.enumerated() {
            try check("move a descriptor") { dup2(number, above + Int32(index)) }
        }
        for index in 0..<Int32(kept.count) { try check("place a descriptor") { dup2(above + index, first + index) } }
        try Processes.closeDescriptors(above: first + Int32(kept.count) - 1)
    }

    /// Waits until the agent's process has executed its command, which closes its end of the socket.
    private static func waitForStart(_ heard: inout HeardCalls) throws(JailFailure) {
        let problem = try stage("exec") { () throws(SystemError) in
            try heard.awaitStart(on: Builder.agentDirectory)
        }
        close(Builder.agentDirectory)
        if !problem.isEmpty { throw JailFailure(decoding: problem) }
        try stage("init") { () throws(SystemError) in try ControlMessage.executed.send(to: Builder.control) }
    }

    /// So many that have ended are reaped in one turn: a flood of them must not keep the keeper's word waiting.
    private static let mostReapedATurn = 64

    /// Until the agent's main process or the keeper ends.
    ///
    /// - Parameter proc: a /proc that shows every process of the jail.
    private static func keep(
        _ agent: Int32, _ heard: inout HeardCalls, proc: Int32, ownsNetwork: Bool
    ) throws(JailFailure) -> Never {
        try stage("init") { () throws(SystemError) in
            let children = try SignalReader([SIGCHLD])
            // wait(2) does not tell of a process that has ended while another traces it; this does.
            let ended = OwnedDescriptor(owning: try check("open a pidfd") { cl_pidfd_open(agent) })
            var hasEnded = false
            while true {
                let mayBeMore = try reap(agent, &heard)
                if hasEnded { kill(-1, SIGKILL) }
                var events = [
                    pollfd(fd: Builder.control, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: children.descriptor.number, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: heard.listener, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: hasEnded ? -1 : ended.number, events: Int16(POLLIN), revents: 0),
                ]
                try check("wait for events") { poll(&events, 4, mayBeMore ? 0 : hasEnded ? 10 : heard.timeout) }
                try heard.serve(events[2])
                heard.report()
                while try children.next() != nil {}
                // Whoever still holds on to it goes with the jail; then it can be waited for.
                if events[3].revents != 0 { hasEnded = true }
                guard events[0].revents != 0 else { continue }
                let (bytes, _, _) = try UnixSockets.receive(from: Builder.control, limit: 16)
                guard let signal = bytes.first else { _exit(0) }
                if signal == ControlMessage.usageRequest {
                    try? ControlMessage.used(.ofThisNamespace(proc: proc)).send(to: Builder.control)
                    continue
                }
                if signal == ControlMessage.activityRequest {
                    let activity = ProcessActivity.ofThisNamespace(proc: proc, ownsNetwork: ownsNetwork)
                    try? ControlMessage.active(activity).send(to: Builder.control)
                    continue
                }
                switch signal {
                // Everything but this process itself, in one step: nothing can fork past it (kill_something_info in
                // kernel/signal.c).
                case ControlMessage.pause: kill(-1, SIGSTOP)
                case ControlMessage.resume: kill(-1, SIGCONT)
                // The agent leads its own process group; this reaches what it runs in the foreground as well.
                default: if kill(-agent, Int32(signal)) != 0 { kill(agent, Int32(signal)) }
                }
            }
        }
    }

    /// Takes the ends of processes that ended, and ends the jail if the agent's is among them. True when there may be
    /// more of them.
    private static func reap(_ agent: Int32, _ heard: inout HeardCalls) throws(SystemError) -> Bool {
        for _ in 0..<mostReapedATurn {
            guard let (pid, end, _) = try Processes.reap() else { return false }
            if pid == agent {
                heard.report(last: true)
                // Ended for a call, as the filter itself would have ended it.
                let isRefusal = heard.hasEndedAgent && end == .signaled(number: SIGKILL)
                try? ControlMessage.ended(isRefusal ? .signaled(number: SIGSYS) : end).send(to: Builder.control)
                _exit(0)
            }
        }
        return true
    }
}
