// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol

/// `120x40`
extension TerminalSize: ExpressibleByArgument {
    static let help = ArgumentHelp(
        "Columns and rows, 1 to 65535 each, such as 120x40.", valueName: "size")

    /// Nil makes the parser say that the value is invalid for the argument.
    public init?(argument: String) {
        let numbers = argument.split(separator: "x", omittingEmptySubsequences: false).map { UInt16($0) ?? 0 }
        guard numbers.count == 2, numbers.allSatisfy({ $0 > 0 }) else { return nil }
        self.init(columns: numbers[0], rows: numbers[1])
    }

    var text: String { "\(columns)x\(rows)" }
}
