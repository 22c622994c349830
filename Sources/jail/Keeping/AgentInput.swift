// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import ShimProtocol

/// What is on its way to the agent's terminal or standard input. An agent that does not read makes nobody wait: a
/// bounded amount is kept for it, and what does not fit is not taken.
struct AgentInput: ~Copyable {
    private var terminal: OwnedDescriptor?
    private var pipe: OwnedDescriptor?
    private var pending: [UInt8] = []
    private var ends = false

    mutating func connect(terminal: consuming OwnedDescriptor) throws(SystemError) {
        try terminal.setNonBlocking()
        self.terminal = consume terminal
    }

    mutating func connect(pipe: consuming OwnedDescriptor) throws(SystemError) {
        try pipe.setNonBlocking()
        self.pipe = consume pipe
    }

    private var target: Int32? {
        mutating get { terminal?.number ?? pipe?.number }
    }

    /// Whether there is somebody to take bytes for.
    var isOpen: Bool {
        mutating get { target != nil && !ends }
    }

    /// The descriptor that has to become writable, if anything waits for that.
    var waitingFor: Int32? {
        mutating get { pending.isEmpty ? nil : target }
    }

    /// Takes as much of `bytes` as there is room for, and says how much. With `end`, and if all of it was taken, the
    /// agent then finds the end of its input: on a terminal by the key that means it.
    mutating func take(_ bytes: [UInt8], end: Bool) throws(SystemError) -> Int {
        guard target != nil, !ends else {
            throw SystemError("write to the agent, which has no input open", errno: EPIPE)
        }
        let taken = min(bytes.count, ShimProtocol.inputBuffer - pending.count)
        pending.append(contentsOf: bytes[..<taken])
        if end && taken == bytes.count {
            if let terminal = terminal?.number {
                pending.append(try Terminals.endOfInput(terminal))
            } else {
                ends = true
            }
        }
        try flush()
        return taken
    }

    mutating func resize(columns: UInt16, rows: UInt16) throws(SystemError) {
        guard let terminal = terminal?.number else {
            throw SystemError("resize the agent, which has no terminal", errno: ENOTTY)
        }
        try Terminals.resize(terminal, columns: columns, rows: rows)
    }

    /// Writes what can be written now.
    mutating func flush() throws(SystemError) {
        while !pending.isEmpty, let target {
            do {
                let count = try check("write to the agent") {
                    pending.withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
                }
                pending.removeFirst(count)
            } catch  where error.errno == EAGAIN {
                return
            } catch {
                // The agent has closed its input or has ended: there is nobody to keep it for.
                pending = []
                pipe = nil
            }
        }
        if pending.isEmpty && ends { pipe = nil }
    }
}
