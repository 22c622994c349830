// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser

/// How an agent's output is shown.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Pass on every byte; else a terminal gets text and colours only.")
    var raw = false

    @Option(
        help: ArgumentHelp("Show it as text (table) or, with its offsets and times, as jsonl.", valueName: "format"))
    var format: OutputFormat = .table

    var sink: OutputSink {
        if format != .table { return OutputSink(.lines) }
        return OutputSink(raw || !StandardOutput.isTerminal ? .raw : .filtered)
    }
}
