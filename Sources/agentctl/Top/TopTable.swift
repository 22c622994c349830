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
    private let palette: Palette

    /// The names of all rows decide, so that columns stay where they are while one scrolls.
    init(
        of rows: [TopRow], columns: Int, showing shown: [TopColumn] = TopColumn.allCases, in palette: Palette = .none
    ) {
        self.columns = columns
        self.shown = shown
        self.palette = palette
        let widest = rows.map { CellText.width($0.name.text) }.max() ?? 0
        nameColumns = max(4, min(widest, Self.mostNameColumns, columns / 3))
    }

    var heading: String { line { ($0.heading, nil) } }

    func line(_ row: TopRow) -> String { line { ($0.text(row), $0.style(row)) } }

    /// A colour has no width: each cell is cut to what is left of the line before it gets its own.
    private func line(_ cell: (TopColumn) -> (text: String, style: Style?)) -> String {
        var result = ""
        // Written once something follows.
        var blanks = 0
        var left = columns
        for column in shown where left > 0 {
            let (content, style) = cell(column)
            let isRest = column == .line && column == shown.last
            let width = min(left, isRest ? left : column.width ?? (column == .name ? nameColumns : Self.lineColumns))
            let text = CellText.cut(CellText.plain(content), to: width)
            let padding = width - CellText.width(text)
            let before = column.isNumber ? padding : 0
            if text.isEmpty {
                blanks += padding
            } else {
                result += String(repeating: " ", count: blanks + before) + palette.paint(text, style)
                blanks = padding - before
            }
            blanks += 2
            left -= width + 2
        }
        return result
    }
}
