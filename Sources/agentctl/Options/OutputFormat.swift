// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser

/// How a command shows what it found.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    /// For people: may change from version to version.
    case table
    /// One JSON value, its members named as on the wire.
    case json
    /// One JSON value per line.
    case jsonl
}

struct FormatOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How to show it; jsonl is a JSON value a line.", valueName: "format"))
    var format: OutputFormat = .table
}
