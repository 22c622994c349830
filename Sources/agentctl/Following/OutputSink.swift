// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Shows an agent's output, chunk after chunk.
struct OutputSink {
    enum Form {
        /// The agent's bytes as they are.
        case raw
        /// The agent's bytes, with only that let through which does no harm to a terminal.
        case filtered
        /// A JSON object for each chunk.
        case lines
    }

    private let form: Form
    private var outputFilter = TerminalFilter()
    private var errorFilter = TerminalFilter()

    init(_ form: Form) {
        self.form = form
    }

    /// What the agent wrote to its standard error goes to ours.
    mutating func show(_ chunk: OutputChunk) throws {
        let bytes = chunk.payload.bytes
        switch (form, chunk.stream) {
        case (.lines, _): try JSONOutput.write(chunk, pretty: false)
        case (.raw, .stderr): StandardError.write(bytes)
        case (.raw, _): try StandardOutput.write(bytes)
        case (.filtered, .stderr): StandardError.write(errorFilter.filter(bytes))
        case (.filtered, _): try StandardOutput.write(outputFilter.filter(bytes))
        }
    }

    func showGap(from: UInt64, to: UInt64) {
        if to > from {
            StandardError.write("agentctl: \(to - from) bytes of output are gone (offset \(from) to \(to))")
        }
    }

    mutating func finish() throws {
        try StandardOutput.write(outputFilter.finish())
        StandardError.write(errorFilter.finish())
    }
}
