// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser

/// Which columns a table has.
struct ColumnOptions<Kind: Columned>: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Columns of the table, with commas between: \(Kind.columnNames.joined(separator: ", ")).",
            valueName: "names"),
        completion: .custom { _, _, prefix in CompletedList.of(Kind.columnNames, after: prefix) })
    var columns: String?

    func validate() throws {
        do {
            _ = try chosen
        } catch {
            throw ValidationError(error.message)
        }
    }

    var chosen: [Kind.TableColumn] {
        get throws(Failure) {
            try Kind.columns(columns?.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
        }
    }
}
