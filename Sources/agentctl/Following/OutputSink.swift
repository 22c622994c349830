// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Synchronization

/// Shows an agent's output, chunk after chunk.
struct OutputSink {
    enum Form {
        /// The agent's bytes as they are.
        case raw
        /// The agent's bytes, with only that let through which does no harm to a terminal.
        case filtered
        /// Lines of text without any control sequence.
        case plain
        /// A JSON object for each chunk.
        case lines
    }

    private let form: Form
    private var output: StreamText
    private var error: StreamText

    init(_ form: Form, isTimed: Bool = false) {
        self.form = form
        if form == .raw || form == .filtered { StandardStreams.mayBeColoured.store(true, ordering: .relaxed) }
        output = StreamText(form, isTimed: isTimed)
        error = StreamText(form, isTimed: isTimed)
    }

    /// What the agent wrote to its standard error goes to ours.
    mutating func show(_ chunk: OutputChunk) throws {
        if form == .lines { return try JSONOutput.write(chunk, pretty: false) }
        if chunk.stream == .stderr {
            StandardError.write(error.take(chunk))
        } else {
            try StandardOutput.write(output.take(chunk))
        }
    }

    mutating func showGap(from: UInt64, to: UInt64) throws {
        guard to > from else { return }
        try StandardOutput.write(output.breakOff())
        StandardError.write(error.breakOff())
        StandardError.write("agentctl: \(to - from) bytes of output are gone (offset \(from) to \(to))")
    }

    mutating func finish() throws {
        try StandardOutput.write(output.finish())
        StandardError.write(error.finish())
    }
}

/// What is shown of one of the agent's streams.
private struct StreamText {
    private let form: OutputSink.Form
    private var filter = TerminalFilter()
    private var lines: PlainLines
    private var times: LineTimes?

    init(_ form: OutputSink.Form, isTimed: Bool) {
        self.form = form
        lines = PlainLines(isTimed: isTimed)
        times = isTimed ? LineTimes() : nil
    }

    mutating func take(_ chunk: OutputChunk) -> [UInt8] {
        let bytes = chunk.payload.bytes
        if form == .plain { return lines.filter(bytes, at: chunk.time) }
        let text = form == .filtered ? filter.filter(bytes) : bytes
        return times?.add(to: text, at: chunk.time) ?? text
    }

    /// Something is missing between what came and what will come.
    mutating func breakOff() -> [UInt8] { form == .plain ? lines.breakOff() : [] }

    mutating func finish() -> [UInt8] { form == .plain ? lines.finish() : filter.finish() }
}
