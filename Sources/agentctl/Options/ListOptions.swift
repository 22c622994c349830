// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol

/// How things of one kind are listed.
struct ListOptions<Kind: Listed>: ParsableArguments {
    @OptionGroup var shape: FormatOptions

    @OptionGroup var choice: ColumnOptions<Kind>

    @Flag(name: [.short, .long], help: "Print ids alone.")
    var quiet = false

    @OptionGroup var colour: ColourOptions

    func validate() throws {
        if shape.format != .table, columns != nil || quiet {
            throw ValidationError(
                "\(quiet ? "--quiet" : "--columns") and --format \(shape.format.rawValue) exclude each other")
        }
        if quiet, columns != nil { throw ValidationError("--quiet and --columns exclude each other") }
    }

    var columns: String? { choice.columns }

    var chosen: [Column<Kind.Row>] { get throws(Failure) { try choice.chosen } }

    /// Writes a table, or ids. To be called where the format is `table`.
    func writeTable(_ rows: [Kind.Row]) throws {
        if quiet { return try StandardOutput.write(rows.map { "\(PlainText.plain(Kind.id(of: $0)))\n" }.joined()) }
        try StandardOutput.write(
            Kind.table(rows, columns: try chosen, at: .now()).text(in: colour.palette))
    }
}

extension ListOptions where Kind.Row: Encodable {
    /// Writes the rows in whatever format was asked for.
    func write(_ rows: [Kind.Row]) throws {
        switch shape.format {
        case .table: try writeTable(rows)
        case .json: try JSONOutput.write(rows, pretty: true)
        case .jsonl: for row in rows { try JSONOutput.write(row, pretty: false) }
        }
    }
}
