// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol

/// A signal on the command line: `INT`, `sigint` or `2`.
struct SignalArgument: ExpressibleByArgument {
    let signal: Signal

    init?(argument: String) {
        if let number = Int32(argument), let signal = Signal(number: number) {
            self.signal = signal
        } else if let signal = try? Signal(argument.uppercased()) {
            self.signal = signal
        } else {
            return nil
        }
    }

    static var defaultCompletionKind: CompletionKind {
        .list(["HUP", "INT", "QUIT", "KILL", "USR1", "USR2", "TERM", "CONT", "STOP", "TSTP", "WINCH"])
    }
}
