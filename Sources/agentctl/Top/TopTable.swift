// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// The table of `agentctl top` as lines of text, each no wider than it may be.
struct TopTable {
    /// Nobody reads more of a last line where the width is not known.
    static let plainWidth = 160
    private static let mostNameColumns = 32
    /// Of a last line that other columns follow.
    private static let lineColumns = 20

    private let nameColumns: Int
    private let columns: Int
    private let shown: [TopColumn]

    /// The names of all rows decide, so that columns stay where they are while one scrolls.
    init(of rows: [TopRow], columns: Int, showing shown: [TopColumn] = TopColumn.allCases) {
        self.columns = columns
        self.shown = shown
        let widest = rows.map { CellText.width($0.name.text) }.max() ?? 0
        nameColumns = max(4, min(widest, Self.mostNameColumns, columns / 3))
    }

    var heading: String { line { $0.heading } }

    func line(_ row: TopRow) -> String { line { $0.text(row) } }

    private func line(_ text: (TopColumn) -> String) -> String {
        let cells = shown.map { column in
            let cell = CellText.plain(text(column))
            let width = column.width ?? (column == .name ? nameColumns : Self.lineColumns)
            if column == .line, column == shown.last { return cell }
            return CellText.fit(cell, to: width, isRight: column.isNumber)
        }
        var result = cells.joined(separator: "  ")
        while result.last == " " { result.removeLast() }
        return CellText.cut(result, to: columns)
    }
}
