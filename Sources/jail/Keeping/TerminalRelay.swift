// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import OutputLog

/// Stands between an agent that gets our own streams and the terminal that some of them are: whoever has a terminal
/// open can set its modes and read what is typed there. Streams that are no terminal the agent gets as they are.
struct TerminalRelay {
    /// What the jail is to be built with.
    private(set) var streams = Builder.Streams(input: 0, output: 1, error: 2)
    /// What the agent writes for a terminal of ours, and that terminal.
    private var outputs: [(source: AgentOutput, terminal: TerminalOutput)] = []
    /// Where what is typed goes, until it is taken over.
    private(set) var input: Int32?
    private var endsOfJail: [Int32] = []

    init() throws(SystemError) {
        if isatty(0) == 1 {
            let (reading, writing) = try pipe()
            streams.input = reading
            input = writing
            endsOfJail.append(reading)
        }
        if isatty(1) == 1 {
            streams.output = try relay(.stdout, 1)
            // Through one pipe, so that lines of both come in their order.
            if isatty(2) == 1 { streams.error = streams.output }
        } else if isatty(2) == 1 {
            streams.error = try relay(.stderr, 2)
        }
    }

    private mutating func relay(_ stream: OutputStream, _ number: Int32) throws(SystemError) -> Int32 {
        let (reading, writing) = try pipe()
        outputs.append((try AgentOutput(OwnedDescriptor(owning: reading), stream), try TerminalOutput(number)))
        endsOfJail.append(writing)
        return writing
    }

    private func pipe() throws(SystemError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        try check("create a pipe") { Glibc.pipe(&ends) }
        for end in ends { try check("mark a descriptor") { fcntl(end, F_SETFD, FD_CLOEXEC) } }
        return (ends[0], ends[1])
    }

    /// The jail has its ends: ours of them would keep the others waiting.
    mutating func letGo() {
        for end in endsOfJail { close(end) }
        endsOfJail = []
        input = nil
    }

    /// What to wait for: that the agent writes something, or that a terminal has room for it.
    var events: [pollfd] {
        outputs.map { output in
            if let full = output.terminal.waitingFor { return pollfd(fd: full, events: Int16(POLLOUT), revents: 0) }
            return pollfd(fd: output.source.descriptor.number, events: Int16(POLLIN), revents: 0)
        }
    }

    /// Passes on what the agent has written, as far as it can be. False when there is nothing more now.
    @discardableResult
    mutating func copy() -> Bool {
        var any = false
        for (source, terminal) in outputs {
            terminal.flush()
            guard terminal.waitingFor == nil else { continue }
            let bytes = source.read(limit: 64 * 1024)
            if bytes.isEmpty { continue }
            any = true
            terminal.write(bytes)
        }
        // Where nobody reads any more, the agent finds its pipe broken.
        outputs.removeAll { ($0.source.isFinished && $0.terminal.waitingFor == nil) || $0.terminal.isGone }
        return any
    }

    /// Whether a terminal has not taken everything yet.
    var isWaiting: Bool { outputs.contains { $0.terminal.waitingFor != nil } }
}
