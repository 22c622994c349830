// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser

/// How an agent's output is shown.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Pass on every byte; else a terminal gets text and colours only.")
    var raw = false

    @Flag(help: "Lines of text only, without any control sequence; of a line that was rewritten, the last version.")
    var plain = false

    @Flag(help: "Begin each line with the time of its first byte.")
    var timestamps = false

    @Option(
        help: ArgumentHelp("Show it as text (table) or, with its offsets and times, as jsonl.", valueName: "format"))
    var format: OutputFormat = .table

    func validate() throws {
        if raw, plain { throw ValidationError("--raw and --plain exclude each other") }
        guard format != .table else { return }
        if plain { throw ValidationError("--plain is for text; --format \(format.rawValue) has every byte") }
        if timestamps { throw ValidationError("--timestamps is for text; --format \(format.rawValue) has the times") }
    }

    var sink: OutputSink {
        if format != .table { return OutputSink(.lines) }
        if plain { return OutputSink(.plain, isTimed: timestamps) }
        return OutputSink(raw || !StandardOutput.isTerminal ? .raw : .filtered, isTimed: timestamps)
    }
}
