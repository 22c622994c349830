// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Aligned columns with a heading; the last column is not padded.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: String...) {
        self.headings = headings
    }

    /// One cell for each heading. Whatever a terminal would act upon is taken out; an empty cell shows as `-`.
    mutating func add(_ cells: String?...) {
        rows.append(
            cells.map { cell in
                guard let cell, !cell.isEmpty else { return "-" }
                return PlainText.plain(cell)
            })
    }

    var text: String {
        let lines = [headings] + rows
        let widths = headings.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            cells.enumerated().map { column, cell in
                column == cells.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ")
        }.joined(separator: "\n") + "\n"
    }
}

/// Aligned `name: value` lines about one thing.
struct Sheet {
    private var rows: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        rows.append((name, PlainText.plain(value)))
    }

    var text: String {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { name, value in
            "\(name):\(String(repeating: " ", count: width - name.count))  \(value)\n"
        }.joined()
    }
}
